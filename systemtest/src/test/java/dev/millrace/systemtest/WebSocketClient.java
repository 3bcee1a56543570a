package dev.millrace.systemtest;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.zip.InflaterOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A WebSocket client that keeps whatever it gets, in order.
final class WebSocketClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int ABNORMAL = 1_006; // RFC 6455, section 7.4.1

  private final WebSocket socket;
  private final Inbox inbox;

  private WebSocketClient(WebSocket socket, Inbox inbox) {
    this.socket = socket;
    this.inbox = inbox;
  }

  /// One message: `WSE{…}` is category `WSE` and its JSON.
  record Message(String category, JsonNode json) {
    String type() {
      return json.path("t").asString("");
    }

    JsonNode payload() {
      return json.path("p");
    }
  }

  /// Connects to `path`, its query included, of the server at `address`.
  static WebSocketClient connect(URI address, String path) {
    return connect(HttpClient.newHttpClient(), address, path, Map.of());
  }

  /// With a token of the server's configuration.
  static WebSocketClient connectAs(String token, URI address, String path) {
    return connect(
        HttpClient.newHttpClient(), address, path, Map.of("Authorization", "Bearer " + token));
  }

  /// As a page of another site would.
  static WebSocketClient connectFrom(String origin, URI address, String path) {
    return connect(HttpClient.newHttpClient(), address, path, Map.of("Origin", origin));
  }

  /// To an `https` address, by way of a client that trusts it.
  static WebSocketClient connect(HttpClient client, URI address, String path) {
    return connect(client, address, path, Map.of());
  }

  private static WebSocketClient connect(
      HttpClient client, URI address, String path, Map<String, String> headers) {
    var inbox = new Inbox();
    var uri = URI.create("ws" + address.toString().substring("http".length()) + path);
    var builder = client.newWebSocketBuilder();
    headers.forEach(builder::header);
    return new WebSocketClient(builder.buildAsync(uri, inbox).join(), inbox);
  }

  void send(String text) {
    socket.sendText(text, true).join();
  }

  /// Everything received so far.
  List<Message> received() {
    synchronized (inbox) {
      return List.copyOf(inbox.messages);
    }
  }

  /// What was received of one type.
  List<Message> received(String type) {
    return received().stream().filter(message -> message.type().equals(type)).toList();
  }

  /// Waits until what was received so far satisfies `enough`.
  void await(String what, Predicate<List<Message>> enough) {
    Await.until(
        PATIENCE,
        () -> enough.test(received()),
        () -> {
          var all = received();
          return what
              + " never came; of "
              + all.size()
              + " messages the last are "
              + all.subList(Math.max(0, all.size() - 3), all.size());
        });
  }

  /// Waits for a message of a type, which stands under `t` or `type`, and returns the first.
  JsonNode first(String type) {
    return first(type, message -> true);
  }

  /// The same, for one that is `wanted`.
  JsonNode first(String type, Predicate<JsonNode> wanted) {
    Predicate<Message> one =
        message ->
            type.equals(message.json().path("t").asString(message.json().path("type").asString("")))
                && wanted.test(message.json());
    await(type, messages -> messages.stream().anyMatch(one));
    return received().stream().filter(one).findFirst().orElseThrow().json();
  }

  /// Waits until the server has closed and returns its code; 1006 when it only went away.
  int awaitClosed() {
    Await.until(PATIENCE, () -> inbox.closedWith != 0, () -> "the server never closed");
    return inbox.closedWith;
  }

  @Override
  public void close() {
    socket.abort();
  }

  /// Puts messages together. Its own lock guards it: the client's thread writes, the test reads.
  private static final class Inbox implements WebSocket.Listener {
    private final List<Message> messages = new ArrayList<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private volatile int closedWith; // written once by the client's thread; 0 while open

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      return took(socket, part.toString().getBytes(StandardCharsets.UTF_8), last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      var bytes = new byte[part.remaining()];
      part.get(bytes);
      return took(socket, bytes, last);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closedWith = code;
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      closedWith = ABNORMAL;
    }

    /// What stands behind `C:`, or the message as it is.
    private static byte[] inflated(byte[] message) {
      if (message.length < 2 || message[0] != 'C' || message[1] != ':') {
        return message;
      }
      var out = new ByteArrayOutputStream();
      try (var inflater = new InflaterOutputStream(out)) {
        inflater.write(message, 2, message.length - 2);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
      return out.toByteArray();
    }

    private synchronized @Nullable CompletionStage<?> took(
        WebSocket socket, byte[] bytes, boolean last) {
      partial.writeBytes(bytes);
      if (last) {
        var text = new String(inflated(partial.toByteArray()), StandardCharsets.UTF_8);
        partial.reset();
        int brace = text.indexOf('{');
        messages.add(
            new Message(
                text.substring(0, Math.max(0, brace)),
                Json.tree(text.substring(Math.max(0, brace)).getBytes(StandardCharsets.UTF_8))));
      }
      socket.request(1);
      return null;
    }
  }
}
