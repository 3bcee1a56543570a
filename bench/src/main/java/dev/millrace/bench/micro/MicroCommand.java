package dev.millrace.bench.micro;

import dev.millrace.bench.jmh.JmhOptions;
import dev.millrace.bench.jmh.JmhRun;
import dev.millrace.bench.report.Machine;
import dev.millrace.bench.report.Table;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `bench micro` on the command line.
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    description = "What single hot pieces cost, in nanoseconds.",
    footer = {"", "Example:", "  millrace bench micro --iterations 10"})
public final class MicroCommand implements Callable<Integer> {
  private static final List<Class<?>> BENCHMARKS =
      List.of(ClassifyBenchmark.class, JetstreamBenchmark.class, WseBenchmark.class);

  @Spec private CommandSpec command;
  @Mixin private JmhOptions options;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init")
  public MicroCommand() {}

  @Override
  public Integer call() throws IOException {
    options.check(command.commandLine());
    var run = new JmhRun(options);
    var scores = run.scores(BENCHMARKS);
    var out = command.commandLine().getOut();
    if (options.json()) {
      var document = run.document("micro");
      JmhRun.list(scores, document.putArray("scores"));
      out.println(document.toPrettyString());
    } else {
      var table = new Table("", "ns/op", "lowest", "highest");
      for (var score : scores) {
        table.row(score.name(), nanos(score.mean()), nanos(score.lowest()), nanos(score.highest()));
      }
      out.println("hot pieces, " + Machine.current());
      out.print(table);
    }
    out.flush();
    return ExitCode.OK;
  }

  private static String nanos(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }
}
