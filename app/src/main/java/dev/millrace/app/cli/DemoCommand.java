package dev.millrace.app.cli;

import dev.millrace.app.config.SourceOverride;
import dev.millrace.app.server.RunSummary;
import dev.millrace.app.server.Server;
import dev.millrace.control.log.Terminal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `millrace demo`: every recipe, on a simulated firehose.
@Command(
    name = "demo",
    description = "Shows everything, on a simulated firehose: open the page it prints.",
    footer = {"", "Example: millrace demo --for 30s --port 9000"})
final class DemoCommand implements Callable<Integer> {
  private static final String RECIPE = "recipes/demo";

  @Spec private CommandSpec spec;

  @Option(
      names = "--replay",
      paramLabel = "FILE",
      description = "Plays a recording (.jsonl, .jsonl.zst) at its own pace instead.")
  private @Nullable Path replay;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description = "Stops by itself after, say, 30s.",
      converter = DurationConverter.class)
  private @Nullable Duration duration;

  @Option(names = "--port", paramLabel = "N", description = "The port; 8080 by default.")
  private int port = 8080;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
  private List<String> assignments = List.of();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    var source =
        replay == null
            ? new SourceOverride("SimulatedFirehose", Map.of())
            : RunCommand.replaying(replay, "1x");
    var overrides = new ArrayList<String>();
    overrides.add("server.port=" + port);
    overrides.add("server.data_dir=" + Path.of("data", "demo"));
    if (Terminal.isTerminal()) {
      overrides.add("logging.level=warn"); // the status line has the terminal to itself
    }
    overrides.addAll(assignments);
    var until = duration == null ? new Launch.Until.Told() : new Launch.Until.After(duration);
    return new Launch(out, spec.commandLine().getErr())
        .run(
            new Launch.Plan(
                ConfigFile.find(Path.of(RECIPE)), overrides, false, java.util.Optional.of(source)),
            until,
            new Narration(out, replay))
        .code();
  }

  /// What the demo prints: where to look, a live line, a summary.
  private static final class Narration implements Launch.Companion {
    private final PrintWriter out;
    private final @Nullable Path replay;
    private @Nullable StatusLine statusLine;

    Narration(PrintWriter out, @Nullable Path replay) {
      this.out = out;
      this.replay = replay;
    }

    @Override
    public void serving(Server server) {
      out.println();
      out.println("  Millrace is running: " + server.address() + "/");
      out.println();
      out.println(
          replay == null
              ? "  A simulated firehose is classified and stored, and a tone is filtered and"
                  + " measured; nothing leaves this machine."
              : "  " + replay + " is played at its own pace, classified and stored.");
      out.println("  Labels  ws" + server.address().toString().substring(4) + "/wse?topics=labels");
      out.println(
          "  Signals ws" + server.address().toString().substring(4) + "/wse?topics=signals");
      out.println("  Stored  " + server.dataDir().resolve("records.db"));
      out.println("  Ctrl-C stops it; the next demo goes on where this one ended.");
      out.println();
      if (!Terminal.isTerminal()) {
        out.println("ready " + server.address()); // for whoever started this from a program
      }
      out.flush();
      statusLine = StatusLine.startOnTerminal(server, out);
    }

    @Override
    public void drained(Server server) {
      if (statusLine != null) {
        statusLine.close();
      }
      out.print(RunSummary.of(server).text());
      out.flush();
    }
  }
}
