package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A client of somebody else's making: the JDK's. Messages wait in a queue, as `text …` or
/// `binary …`.
public final class TestClient implements WebSocket.Listener {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE_SECONDS = 10;

  private final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final StringBuilder partialText = new StringBuilder();
  private final java.io.ByteArrayOutputStream partialBytes = new java.io.ByteArrayOutputStream();
  private final WebSocket socket;

  private TestClient(String uri, @Nullable String token) {
    var builder = HTTP.newWebSocketBuilder();
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    socket = builder.buildAsync(URI.create(uri), this).join();
  }

  static TestClient connect(String uri, @Nullable String token) {
    return new TestClient(uri, token);
  }

  public TestClient send(String text) {
    socket.sendText(text, true).join();
    return this;
  }

  public TestClient sendBinary(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    return this;
  }

  /// Leaves without a word.
  public void abort() {
    socket.abort();
  }

  public void close() {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  /// The payload of the answer of a type to a request.
  public JsonNode ask(String request, String answerType) throws InterruptedException {
    return send(request).next(answerType).path("p");
  }

  /// The next message, whatever it is.
  public String next() throws InterruptedException {
    var message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing came; closed: " + closed);
    }
    return message;
  }

  /// The next message of a type, others skipped, without opcode and category.
  public JsonNode next(String type) throws InterruptedException {
    while (true) {
      var message = next();
      var envelope = envelope(message);
      if (envelope.path("t").asString("").equals(type)) {
        return envelope;
      }
    }
  }

  public static JsonNode envelope(String message) {
    return Json.tree(message.substring(message.indexOf('{')).getBytes(StandardCharsets.UTF_8));
  }

  /// `code reason`, once the server has closed.
  public String closed() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partialText.append(data);
    if (last) {
      received.add("text " + partialText);
      partialText.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    var bytes = new byte[data.remaining()];
    data.get(bytes);
    partialBytes.writeBytes(bytes);
    if (last) {
      received.add("binary " + partialBytes.toString(StandardCharsets.UTF_8));
      partialBytes.reset();
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }
}
