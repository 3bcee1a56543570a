package dev.millrace.bench.graph;

import dev.millrace.bench.jmh.JmhOptions;
import dev.millrace.bench.jmh.JmhRun;
import dev.millrace.bench.jmh.JmhScore;
import dev.millrace.bench.report.Machine;
import dev.millrace.bench.report.Table;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench graph` on the command line.
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    description =
        "Frames per second through three fused stages: the engine, a plain loop of virtual calls"
            + " and Pekko Streams, in the same JMH run. Each checks its sum.",
    footer = {
      "",
      "Examples:",
      "  millrace bench graph",
      "  millrace bench graph --forks 3 --json",
      "  millrace bench graph --smoke            small and quick"
    })
public final class GraphCommand implements Callable<Integer> {
  private static final String PLAIN = "plainLoop";
  private static final String ENGINE = "engineChain";
  private static final String PEKKO = "pekkoStream";

  @Spec private CommandSpec command;
  @Mixin private JmhOptions options;

  @Option(
      names = "--min-ratio",
      paramLabel = "X",
      description = "Fail when the engine passes less than X times the frames of Pekko Streams.")
  private @Nullable Double minRatio;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init")
  public GraphCommand() {}

  @Override
  public Integer call() throws IOException {
    var run = new JmhRun(options);
    var scores = run.scores(command.commandLine(), List.of(FusedGraphBenchmark.class));
    double toPekko = mean(scores, ENGINE) / mean(scores, PEKKO);
    double toPlain = mean(scores, ENGINE) / mean(scores, PLAIN);
    var out = command.commandLine().getOut();
    if (options.json()) {
      var document = run.document("graph", scores);
      document.putObject("ratios").put("to_pekko", toPekko).put("to_plain_loop", toPlain);
      out.println(document.toPrettyString());
    } else {
      out.println("three fused stages, " + Machine.current());
      out.print(table(scores));
      out.printf(Locale.ROOT, "engine / pekko %.2f, engine / plain loop %.3f%n", toPekko, toPlain);
    }
    out.flush();
    if (minRatio != null && toPekko < minRatio) {
      command.commandLine().getErr().println("failed: ratio " + toPekko + " < " + minRatio);
      return ExitCode.SOFTWARE;
    }
    return ExitCode.OK;
  }

  private static Table table(List<JmhScore> scores) {
    var table = new Table("", "M frames/s", "lowest", "highest");
    for (var score : scores) {
      table.row(
          score.name(),
          millions(score.mean()),
          millions(score.lowest()),
          millions(score.highest()));
    }
    return table;
  }

  private static double mean(List<JmhScore> scores, String benchmark) {
    return scores.stream()
        .filter(score -> score.name().equals(benchmark))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no score of " + benchmark + " in " + scores))
        .mean();
  }

  private static String millions(double perSecond) {
    return String.format(Locale.ROOT, "%.1f", perSecond / 1e6);
  }
}
