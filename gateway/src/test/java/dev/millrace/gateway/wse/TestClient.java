package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.InflaterOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A client of somebody else's making: the JDK's. Messages wait in a queue; as texts they begin
/// with `text ` or `binary `.
public final class TestClient implements WebSocket.Listener {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE_SECONDS = 10;

  /// One message as it came; as a text, inflated.
  public record Message(boolean text, byte[] bytes) {
    @Override
    public String toString() {
      boolean compressed = !text && bytes.length > 2 && bytes[0] == 'C' && bytes[1] == ':';
      var plain = compressed ? inflated() : bytes;
      return (text ? "text " : "binary ") + new String(plain, StandardCharsets.UTF_8);
    }

    /// What stands behind `C:`.
    byte[] inflated() {
      var out = new ByteArrayOutputStream();
      try (var inflater = new InflaterOutputStream(out)) {
        inflater.write(bytes, 2, bytes.length - 2);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
      return out.toByteArray();
    }
  }

  private final LinkedBlockingQueue<Message> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final StringBuilder partialText = new StringBuilder();
  private final ByteArrayOutputStream partialBytes = new ByteArrayOutputStream();
  private final WebSocket socket;
  private boolean paused; // guarded by the lock
  private long wanted; // while paused, guarded by the lock

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

  /// Reads nothing more until [#readOn].
  public synchronized void stopReading() {
    paused = true;
  }

  public synchronized void readOn() {
    paused = false;
    socket.request(wanted);
    wanted = 0;
  }

  private synchronized void requestNext(WebSocket from) {
    if (paused) {
      wanted++;
    } else {
      from.request(1);
    }
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
    return nextMessage().toString();
  }

  /// The same with its bytes.
  public Message nextMessage() throws InterruptedException {
    var message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing came; closed: " + closed);
    }
    return message;
  }

  /// Whether nothing has come that was not looked at.
  public boolean hasNothing() {
    return received.isEmpty();
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
      received.add(new Message(true, partialText.toString().getBytes(StandardCharsets.UTF_8)));
      partialText.setLength(0);
    }
    requestNext(from);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    var bytes = new byte[data.remaining()];
    data.get(bytes);
    partialBytes.writeBytes(bytes);
    if (last) {
      received.add(new Message(false, partialBytes.toByteArray()));
      partialBytes.reset();
    }
    requestNext(from);
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
