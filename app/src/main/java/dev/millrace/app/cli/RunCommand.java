package dev.millrace.app.cli;

import dev.millrace.app.config.SourceOverride;
import dev.millrace.app.server.RunSummary;
import dev.millrace.app.server.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace run`: the server.
@Command(
    name = "run",
    description = "Serves a configuration: a file, or a recipe's folder.",
    footer = {
      "",
      "Without a file, millrace.yaml of this folder is taken, or else built-in defaults.",
      "Example: millrace run recipes/labels --replay events.jsonl.zst --rate 2x"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE|FOLDER",
      description = "A configuration, or a folder with millrace.yaml.")
  private @Nullable Path file;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
  private List<String> assignments = new ArrayList<>();

  @Option(
      names = "--replay",
      paramLabel = "FILE",
      description = "Plays a recording (.jsonl, .jsonl.zst) in place of the live source.")
  private @Nullable Path replay;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      description = "max (default), events per second, or 2x of the recorded pace.")
  private @Nullable String rate;

  @Option(
      names = "--once",
      description = "Drains and exits when every source has ended, instead of serving on.")
  private boolean once;

  @Option(names = "--strict", description = "Warnings about the configuration are errors.")
  private boolean strict;

  @Option(names = "--json", description = "Prints what each node and topic counted, as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    var plan = new Launch.Plan(ConfigFile.find(file), assignments, strict, source());
    var until = once ? new Launch.Until.PipelinesEnd() : new Launch.Until.Told();
    return new Launch(out, spec.commandLine().getErr())
        .run(
            plan,
            until,
            new Launch.Companion() {
              @Override
              public void serving(Server server) {
                if (!json) {
                  out.println("ready " + server.address());
                }
              }

              @Override
              public void drained(Server server) {
                var summary = RunSummary.of(server);
                out.print(json ? summary.json() + "\n" : summary.text());
                out.flush();
              }
            })
        .code();
  }

  private Optional<SourceOverride> source() throws ExitException {
    if (replay == null) {
      if (rate != null) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--rate says how fast to replay: it needs --replay FILE.");
      }
      return Optional.empty();
    }
    return Optional.of(replaying(replay, rate));
  }

  /// The source that plays `recording`; a missing file is the user's slip, not a configuration's.
  static SourceOverride replaying(Path recording, @Nullable String rate) throws ExitException {
    if (!Files.isReadable(recording)) {
      throw new ExitException(
          ExitCode.USAGE,
          "error: there is no readable file "
              + recording
              + "\n    fix Name a .jsonl or .jsonl.zst file.");
    }
    var config = new LinkedHashMap<String, String>();
    config.put("path", recording.toAbsolutePath().toString());
    config.put("rate", rate == null ? "max" : rate);
    return new SourceOverride("Replay", config);
  }
}
