package dev.millrace.control.noc;

import dev.millrace.core.json.Json;
import dev.millrace.net.EventLoops;
import dev.millrace.net.websocket.ConnectOutcome;
import dev.millrace.net.websocket.WebSocketClient;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import dev.millrace.testkit.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// A console that a test holds in its hands.
final class TestConsole implements WebSocketListener {
  private static final WebSocketLimits LIMITS =
      new WebSocketLimits(64 << 20, Duration.ofSeconds(5), Duration.ZERO, Duration.ZERO);

  private final LinkedBlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final WebSocketConnection connection;

  private TestConsole(EventLoops loops, String uri) {
    var target =
        new WebSocketClient.Target(URI.create(uri), Map.of(), LIMITS, Duration.ofSeconds(10));
    var outcome = new WebSocketClient(loops).connect(target, made -> this).join();
    if (!(outcome instanceof ConnectOutcome.Connected(var made))) {
      throw new AssertionError("not connected: " + outcome);
    }
    connection = made;
  }

  static TestConsole connect(EventLoops loops, String uri) {
    return new TestConsole(loops, uri);
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    received.add(
        Json.tree(payload.toString(StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void closed(int code, String reason) {
    closed.complete(code + " " + reason);
  }

  TestConsole send(String text) {
    return onLoop(
        () -> {
          connection.sendText(text);
          connection.flush();
        });
  }

  TestConsole sendBinary() {
    return onLoop(
        () -> {
          connection.sendBinary(Unpooled.wrappedBuffer(new byte[] {1}));
          connection.flush();
        });
  }

  TestConsole stopReading() {
    return onLoop(connection::pauseReading);
  }

  TestConsole readOn() {
    return onLoop(connection::resumeReading);
  }

  void close() {
    onLoop(() -> connection.close(1000, ""));
  }

  /// The next message, whatever it is.
  JsonNode next() throws InterruptedException {
    var message = received.poll(10, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing came; closed: " + closed);
    }
    return message;
  }

  /// The next message of a type, others skipped.
  JsonNode next(String type) throws InterruptedException {
    while (true) {
      var message = next();
      if (message.path("type").asString().equals(type)) {
        return message;
      }
    }
  }

  int waiting() {
    return received.size();
  }

  /// `code reason`, waited for.
  String closed() {
    return closed.orTimeout(10, TimeUnit.SECONDS).join();
  }

  boolean isClosed() {
    return closed.isDone();
  }

  private TestConsole onLoop(Runnable work) {
    var done = new CompletableFuture<Boolean>();
    connection
        .loop()
        .execute(
            () -> {
              work.run();
              done.complete(true);
            });
    Await.until("the client's loop has done it", done::isDone);
    return this;
  }
}
