package dev.millrace.app.cli;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `millrace subscribe`: what is published on topics of a running server, a line of JSON each.
@Command(
    name = "subscribe",
    description = "Prints what is published on topics of a running server.",
    footer = {
      "",
      "A line is {\"t\": type, \"id\", \"ts\", \"p\": payload, ...}.",
      "Example: millrace subscribe http://127.0.0.1:8080 labels --limit 10"
    })
final class SubscribeCommand implements Callable<Integer> {
  private static final int LONGEST = 64 << 20;
  private static final int NORMAL = 1_000; // RFC 6455, section 7.4.1
  private static final int COME_BACK_LATER = 1_012; // the registry of close codes

  @Spec private CommandSpec spec;
  @Mixin private final RemoteOptions remote = new RemoteOptions();

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TOPIC", description = "What to follow.")
  private List<String> topics = List.of(); // required: set before the command is called

  @Option(names = "--limit", paramLabel = "N", description = "Ends after N messages.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Ends after that time, such as 30s.")
  private @Nullable Duration time;

  @Option(names = "--payload", description = "Prints payloads alone.")
  private boolean payloads;

  /// How it ended.
  private sealed interface End {
    record Enough() implements End {}

    record Closed(int code, String reason) implements End {}

    record Broken(Throwable cause) implements End {}
  }

  @Override
  public Integer call() throws ExitException, InterruptedException {
    try (var server = remote.server()) {
      var reader = new Reader();
      Runnable stop = () -> reader.end.complete(new End.Enough());
      Interrupts.handle(stop, stop);
      var path = "/wse?compression=false&topics=" + RemoteServer.encoded(String.join(",", topics));
      var socket = server.open(path, reader);
      try {
        return code(server, reader.await(time));
      } finally {
        socket.abort();
      }
    }
  }

  private static int code(RemoteServer server, End end) throws ExitException {
    switch (end) {
      case End.Enough() -> {
        return ExitCode.OK.code();
      }
      case End.Closed(var code, var reason) when code == NORMAL || code == COME_BACK_LATER ->
          throw server.unreachable(
              "has ended the subscription: " + Messages.printable(reason),
              "It is being stopped; come back later.",
              null);
      case End.Closed(var code, var reason) ->
          throw server.failure(
              "has ended the subscription: " + code + " " + Messages.printable(reason),
              "A token may be missing or expired, or this reads too slowly.",
              null);
      case End.Broken(var cause) ->
          throw server.unreachable(
              "is gone: " + Messages.printable(String.valueOf(cause.getMessage())),
              "Has it been stopped? Look at its log.",
              cause);
    }
  }

  /// On the client's threads, one call at a time.
  private final class Reader implements WebSocket.Listener {
    final CompletableFuture<End> end = new CompletableFuture<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private long seen;

    End await(@Nullable Duration patience) throws InterruptedException {
      try {
        return patience == null ? end.get() : end.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException over) {
        return new End.Enough();
      } catch (ExecutionException impossible) {
        throw new IllegalStateException("an end does not fail", impossible);
      }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      return take(socket, data.toString().getBytes(StandardCharsets.UTF_8), last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      var bytes = new byte[data.remaining()];
      data.get(bytes);
      return take(socket, bytes, last);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      end.complete(new End.Closed(code, reason));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable cause) {
      end.complete(new End.Broken(cause));
    }

    private @Nullable CompletionStage<?> take(WebSocket socket, byte[] part, boolean last) {
      if (message.size() + part.length > LONGEST) {
        end.complete(new End.Broken(new IllegalStateException("a message without end")));
        return null;
      }
      message.writeBytes(part);
      if (last) {
        show(socket, message.toByteArray());
        message.reset();
      }
      socket.request(1);
      return null;
    }

    /// Categories before the object are for clients that sort without reading it.
    private void show(WebSocket socket, byte[] bytes) {
      int brace = 0;
      while (brace < bytes.length && bytes[brace] != '{') {
        brace++;
      }
      var text = new String(bytes, brace, bytes.length - brace, StandardCharsets.UTF_8);
      if (end.isDone()) {
        return;
      }
      try {
        var message = Json.tree(text.getBytes(StandardCharsets.UTF_8));
        switch (message.path("t").asString("")) {
          case "PING" -> {
            var _ = socket.sendText("{\"t\":\"PONG\",\"p\":{}}", true);
          }
          case "error" -> warn(message.at("/p/message").asString(""));
          case "subscription_update" -> {
            for (var failed : message.at("/p/failed_topics")) {
              warn(failed.path("topic").asString("") + ": " + failed.path("error").asString(""));
            }
          }
          case "heartbeat", "server_ready", "server_hello", "connection_state_change" -> {}
          default -> print(text, message);
        }
      } catch (JacksonException foreign) {
        end.complete(new End.Broken(foreign));
      }
    }

    private void warn(String text) {
      spec.commandLine().getErr().println("warning: " + Messages.printable(text));
    }

    private void print(String text, JsonNode message) {
      var out = spec.commandLine().getOut();
      out.println(payloads ? message.path("p").toString() : text);
      if (++seen >= limit || out.checkError()) {
        end.complete(new End.Enough());
      }
    }
  }
}
