package dev.millrace.app.cli;

import dev.millrace.app.cli.watch.FrameLine;
import dev.millrace.app.cli.watch.Screen;
import dev.millrace.control.log.Terminal;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `millrace tap`: the frames that flow through a pipeline of a running server, as they flow.
@Command(
    name = "tap",
    description = "Shows the frames that flow through a pipeline of a running server.",
    footer = {
      "",
      "The pipeline never waits: what this cannot take in time is left out and counted.",
      "Examples: millrace tap http://127.0.0.1:8080 'classify->*' --pipeline labels",
      "          millrace tap http://127.0.0.1:8080 fft --sample 5/s --for 1m --json"
    })
final class TapCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private final RemoteOptions remote = new RemoteOptions();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PATTERN",
      defaultValue = "*",
      description =
          "NODE, what leaves a node, or FROM->TO; * and ? match any. Default: *. Nothing leaves a"
              + " sink; what it is given is *->SINK.")
  private String pattern = "*";

  @Option(
      names = "--pipeline",
      paramLabel = "NAME",
      description = "Which one; not needed where there is only one.")
  private @Nullable String pipeline;

  @Option(names = "--limit", paramLabel = "N", description = "Ends after N frames.")
  private @Nullable Integer limit;

  @Option(
      names = "--sample",
      paramLabel = "N|N/s",
      description = "One frame in N of each place, or at most N a second.")
  private @Nullable String sample;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Ends after that time, such as 30s.")
  private @Nullable Duration time;

  @Option(names = "--json", description = "Prints the lines of JSON as they come.")
  private boolean json;

  private volatile boolean stopped; // written on the signal's thread

  @Override
  public Integer call() throws ExitException, InterruptedException {
    try (var server = remote.server()) {
      var name = pipeline == null ? theOnlyOne(server) : pipeline;
      var path = "/api/v1/pipelines/" + RemoteServer.encoded(name) + "/tap" + query();
      switch (server.fetch(path)) {
        case RemoteServer.Answer.Streaming streaming -> {
          return follow(server, streaming).code();
        }
        case RemoteServer.Answer.Whole refused when refused.status() == 422 ->
            throw new ParameterException(
                spec.commandLine(),
                Messages.printable(refused.body().at("/error/message").asString("")));
        case RemoteServer.Answer.Whole refused -> throw server.refusal(refused);
      }
    }
  }

  private String query() {
    var query = new StringBuilder("?pattern=").append(RemoteServer.encoded(pattern));
    if (limit != null) {
      query.append("&limit=").append(limit);
    }
    if (sample != null) {
      query.append("&sample=").append(RemoteServer.encoded(sample));
    }
    if (time != null) {
      query.append("&for=").append(time.toMillis()).append("ms");
    }
    return query.toString();
  }

  private String theOnlyOne(RemoteServer server) throws ExitException, InterruptedException {
    var answer = server.get("/api/v1/pipelines");
    if (answer.status() != 200) {
      throw server.refusal(answer);
    }
    var names = new ArrayList<String>();
    answer
        .body()
        .path("pipelines")
        .forEach(one -> names.add(Messages.printable(one.path("name").asString(""))));
    if (names.isEmpty()) {
      throw server.failure("has no pipelines", "Give it one to look into.", null);
    }
    if (names.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "the server has several pipelines; add --pipeline with one of "
              + String.join(", ", names)
              + ".");
    }
    return answer.body().path("pipelines").path(0).path("name").asString("");
  }

  private ExitCode follow(RemoteServer server, RemoteServer.Answer.Streaming streaming)
      throws ExitException {
    var out = spec.commandLine().getOut();
    var lines = new Lines(streaming.body());
    Runnable stop =
        () -> {
          stopped = true;
          Thread.startVirtualThread(lines::close); // which must not hold the signal's thread up
        };
    Interrupts.handle(stop, stop);
    try (lines) {
      var shown = new Shown(out, spec.commandLine().getErr(), pattern, json);
      for (var line = lines.next(); line != null; line = lines.next()) {
        var end = shown.line(line);
        if (end != null) {
          return end;
        }
        if (out.checkError()) {
          return ExitCode.OK; // nobody reads us any more
        }
      }
      if (stopped) {
        return ExitCode.OK;
      }
      throw new IOException("it ended in the middle");
    } catch (IOException broken) {
      if (stopped) {
        return ExitCode.OK;
      }
      throw server.unreachable(
          "is gone: " + Messages.printable(String.valueOf(broken.getMessage())),
          "Has it been stopped? Look at its log.",
          broken);
    } catch (JacksonException foreign) {
      throw server.failure(
          "sends what is no line of a tap", "Is the address that of a Millrace server?", foreign);
    }
  }

  /// What becomes of the lines.
  private static final class Shown {
    private final PrintWriter out;
    private final PrintWriter notes;
    private final String pattern;
    private final boolean json;
    private final FrameLine frames;

    Shown(PrintWriter out, PrintWriter notes, String pattern, boolean json) {
      this.out = out;
      this.notes = notes;
      this.pattern = pattern;
      this.json = json;
      boolean looking = Terminal.isTerminal();
      this.frames =
          new FrameLine(
              looking ? Screen.size().columns() : 0,
              looking && Screen.colours(System.getenv()),
              ZoneId.systemDefault());
    }

    /// The exit code after the last line, else null.
    @Nullable ExitCode line(byte[] bytes) {
      var line = Json.tree(bytes);
      if (json) {
        out.println(new String(bytes, StandardCharsets.UTF_8));
        return line.has("end") ? code(line) : null;
      }
      if (line.has("frame")) {
        out.println(frames.of(line));
      } else if (line.has("places")) {
        watched(line.path("places"));
      } else if (line.has("dropped") && !line.has("end")) {
        long now = line.path("dropped").asLong(0);
        out.println("… " + Messages.count(now, "frame") + " left out");
      } else if (line.has("end")) {
        notes.println(sentence(line));
        return code(line);
      }
      return null;
    }

    private void watched(JsonNode places) {
      var names = new ArrayList<String>();
      places.forEach(place -> names.add(place.asString("")));
      if (names.isEmpty()) {
        notes.println(
            "Nothing is called " + Messages.printable(pattern) + " now; waiting until it is.");
      }
      frames.places(names);
    }

    private static ExitCode code(JsonNode line) {
      return line.path("end").asString("").equals("closed") ? ExitCode.FAILED : ExitCode.OK;
    }

    private static String sentence(JsonNode line) {
      var why =
          switch (line.path("end").asString("")) {
            case "limit" -> "as many as were wanted";
            case "time" -> "the time is over";
            case "pipeline" -> "the pipeline has ended";
            case "closed" -> "the server shows no more; has the token expired?";
            case String other -> Messages.printable(other);
          };
      long left = line.path("dropped").asLong(0);
      return Messages.count(line.path("frames").asLong(0), "frame")
          + (left == 0 ? "" : ", " + Messages.number(left) + " left out")
          + ": "
          + why;
    }
  }
}
