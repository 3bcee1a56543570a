package dev.millrace.app.cli;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace publish`: events onto a topic of a running server, from the command line or, a line
/// each, from standard input.
@Command(
    name = "publish",
    description = "Publishes events on a topic of a running server.",
    footer = {
      "",
      "Without PAYLOAD every line of standard input is one.",
      "Examples: millrace publish http://127.0.0.1:8080 hello '{\"from\":\"me\"}'",
      "          millrace publish http://127.0.0.1:8080 readings < readings.jsonl"
    })
final class PublishCommand implements Callable<Integer> {
  private static final int MOST_AT_ONCE = 500;
  private static final int ENOUGH_BYTES = 256 << 10;

  @Spec private CommandSpec spec;
  @Mixin private final RemoteOptions remote = new RemoteOptions();

  @Parameters(index = "1", paramLabel = "TOPIC", description = "The topic's name.")
  private String topic = ""; // required: set before the command is called

  @Parameters(index = "2", arity = "0..1", paramLabel = "PAYLOAD", description = "A JSON value.")
  private @Nullable String payload;

  @Option(names = "--type", paramLabel = "TYPE", description = "Of the events; default the topic.")
  private @Nullable String type;

  @Override
  public Integer call() throws ExitException, InterruptedException {
    try (var server = remote.server()) {
      var batch = new Batch(server);
      if (payload != null) {
        var bytes = payload.getBytes(StandardCharsets.UTF_8);
        if (Json.kindOf(bytes) == null) {
          throw new ParameterException(
              spec.commandLine(), "the payload is not one JSON value: " + Json.complaint(bytes));
        }
        batch.add(bytes);
        batch.send();
      } else {
        sendLines(batch);
      }
      spec.commandLine().getOut().println(Messages.count(batch.accepted, "event") + " published");
      return ExitCode.OK.code();
    }
  }

  private void sendLines(Batch batch) throws ExitException, InterruptedException {
    try (var lines = new Lines(System.in)) {
      long number = 0;
      for (var line = lines.next(); line != null; line = lines.next()) {
        number++;
        if (new String(line, StandardCharsets.UTF_8).isBlank()) {
          continue;
        }
        if (Json.kindOf(line) == null) {
          batch.send();
          throw new ExitException(
              ExitCode.FAILED,
              "error: line "
                  + number
                  + " is not one JSON value: "
                  + Messages.printable(Json.complaint(line))
                  + "\n    fix The "
                  + Messages.count(batch.accepted, "event")
                  + " before it are published; go on behind them.");
        }
        batch.add(line);
        if (batch.isFull() || !lines.hasMore()) {
          batch.send();
        }
      }
      batch.send();
    } catch (IOException unreadable) {
      throw new ExitException(
          ExitCode.FAILED, "error: standard input cannot be read: " + unreadable, unreadable);
    }
  }

  /// Events that go together, all or none.
  private final class Batch {
    private final RemoteServer server;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final byte[] begin;
    private int events;
    private long accepted;

    Batch(RemoteServer server) {
      this.server = server;
      var quoted = Json.bytes(Json.mapper().valueToTree(type == null ? topic : type));
      this.begin =
          ("{\"type\":" + new String(quoted, StandardCharsets.UTF_8) + ",\"payload\":")
              .getBytes(StandardCharsets.UTF_8);
    }

    boolean isFull() {
      return events >= MOST_AT_ONCE || body.size() >= ENOUGH_BYTES;
    }

    void add(byte[] value) {
      body.write(events++ == 0 ? '[' : ',');
      body.writeBytes(begin);
      body.writeBytes(value);
      body.write('}');
    }

    void send() throws ExitException, InterruptedException {
      if (events == 0) {
        return;
      }
      body.write(']');
      var answer = server.post("/api/v1/topics/" + RemoteServer.encoded(topic), body.toByteArray());
      if (answer.status() != 202) {
        throw server.refusal(answer);
      }
      accepted += answer.body().path("accepted").asLong(0);
      events = 0;
      body.reset();
    }
  }
}
