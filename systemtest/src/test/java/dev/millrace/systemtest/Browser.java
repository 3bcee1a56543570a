package dev.millrace.systemtest;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A headless Chromium with one page, driven over the DevTools protocol.
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting;
  private final AtomicInteger nextId = new AtomicInteger();
  private final String session;

  private Browser(Process process, WebSocket socket, Replies replies) {
    this.process = process;
    this.socket = socket;
    this.waiting = replies.waiting;
    var target =
        call("Target.createTarget", "", Json.mapper().createObjectNode().put("url", "about:blank"));
    this.session =
        call(
                "Target.attachToTarget",
                "",
                Json.mapper()
                    .createObjectNode()
                    .put("targetId", target.path("targetId").asString())
                    .put("flatten", true))
            .path("sessionId")
            .asString();
  }

  /// The browser of this machine, if there is one.
  static Optional<Path> installed() {
    for (var folder : System.getenv("PATH").split(":", -1)) {
      for (var name : new String[] {"chromium", "chromium-browser", "google-chrome"}) {
        var file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /// Starts `executable` with a new profile in `folder`.
  static Browser start(Path executable, Path folder) {
    try {
      var log = Files.createTempFile(folder, "browser", ".txt");
      var process =
          new ProcessBuilder(
                  executable.toString(),
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--disable-dev-shm-usage",
                  "--window-size=1360,1000",
                  "--user-data-dir=" + Files.createTempDirectory(folder, "profile"),
                  "--remote-debugging-port=0",
                  "about:blank")
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      var marker = "DevTools listening on ";
      Await.until(
          PATIENCE,
          () -> read(log).contains(marker),
          () -> "the browser did not start:\n" + read(log));
      var text = read(log);
      int from = text.indexOf(marker) + marker.length();
      var address = URI.create(text.substring(from, text.indexOf('\n', from)).strip());
      var replies = new Replies();
      var socket =
          HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, replies).join();
      return new Browser(process, socket, replies);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  void open(URI page) {
    call("Page.navigate", session, Json.mapper().createObjectNode().put("url", page.toString()));
  }

  /// The value of a JavaScript expression, as text.
  String evaluate(String expression) {
    var result =
        call(
            "Runtime.evaluate",
            session,
            Json.mapper()
                .createObjectNode()
                .put("expression", expression)
                .put("returnByValue", true));
    return result.path("result").path("value").asString("");
  }

  /// Waits until a JavaScript condition holds.
  void await(String condition) {
    Await.until(
        PATIENCE,
        () -> evaluate("String(" + condition + ")").equals("true"),
        () -> condition + " never held; the page says:\n" + evaluate("document.body.innerText"));
  }

  /// A picture of what the window shows, as PNG.
  void screenshot(Path file) throws IOException {
    var picture = call("Page.captureScreenshot", session, Json.mapper().createObjectNode());
    Files.write(file, Base64.getDecoder().decode(picture.path("data").asString()));
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private JsonNode call(String method, String inSession, ObjectNode parameters) {
    int id = nextId.incrementAndGet();
    var reply = new CompletableFuture<JsonNode>();
    waiting.put(id, reply);
    var command = Json.mapper().createObjectNode().put("id", id).put("method", method);
    command.set("params", parameters);
    if (!inSession.isEmpty()) {
      command.put("sessionId", inSession);
    }
    socket.sendText(command.toString(), true).join();
    try {
      return reply.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    } catch (ExecutionException | TimeoutException failure) {
      throw new AssertionError(method + " got no answer", failure);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Puts messages together and hands replies to whoever asked.
  private static final class Replies implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        var json = Json.tree(message.toString().getBytes(StandardCharsets.UTF_8));
        message.setLength(0);
        var reply = waiting.remove(json.path("id").asInt(0));
        if (reply != null) {
          reply.complete(json.path("result"));
        }
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
