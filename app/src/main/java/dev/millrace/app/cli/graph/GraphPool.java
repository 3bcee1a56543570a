package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.app.cli.Interrupts;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.frame.Frame;
import dev.millrace.engine.pool.Execution;
import dev.millrace.engine.pool.Outcome;
import dev.millrace.engine.pool.PipelinePool;
import dev.millrace.engine.pool.PoolSpec;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace graph pool`: many runs of one graph, some at a time.
@Command(
    name = "pool",
    description = "Runs the graph many times, some at a time, each on a trigger of its own.",
    footer = {"", "Example: millrace graph pool tone.yaml --max 3 --runs 10"})
final class GraphPool implements Callable<Integer> {
  private static final int MOST_RUNS = 1_000_000;
  private static final int MOST_AT_A_TIME = 10_000;
  private static final int WAITING = 16; // runs that are asked for before they can begin

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A graph, or a configuration's FILE#pipeline.")
  private String file = "";

  @Option(names = "--max", required = true, paramLabel = "K", description = "Runs at a time.")
  private int most;

  @Option(names = "--runs", required = true, paramLabel = "N", description = "Runs in all.")
  private int runs;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where relative paths in the graph start; this folder by default.")
  private Path dataDirectory = Path.of("");

  @Override
  public Integer call() throws ExitException, InterruptedException {
    if (most < 1 || most > MOST_AT_A_TIME || runs < 1 || runs > MOST_RUNS) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--max is from 1 to " + MOST_AT_A_TIME + ", and --runs from 1 to " + MOST_RUNS + ".");
    }
    var interrupted = new AtomicBoolean();
    Interrupts.handle(() -> interrupted.set(true), () -> {});
    var sound = new GraphFile(file, Extensions.services().catalogue());
    var graph = sound.sound(spec.commandLine().getErr());
    try (var bench = Workbench.in(dataDirectory);
        var runtime = new EngineRuntime(EngineSpec.DEFAULT, bench.clock(), bench.metrics());
        var pool =
            new PipelinePool(
                graph.name(),
                graph.graph(),
                new PoolSpec(most, most + WAITING, false),
                runtime.start(),
                bench.services())) {
      boolean triggered = GraphRun.takesTriggers(graph.graph());
      var tally = new Tally();
      long start = System.nanoTime();
      var under = new ArrayDeque<Execution>(); // they hold what they came to, so not all at once
      for (int i = 0; i < runs && !interrupted.get(); i++) {
        if (under.size() == most + WAITING) {
          tally.add(under.removeFirst().await());
        }
        under.addLast(triggered ? pool.execute(Frame.trigger(0, i)) : pool.execute());
      }
      for (var last : under) {
        tally.add(last.await());
      }
      return summary(tally, start).code();
    }
  }

  /// What the runs have come to. Confined to the main thread.
  private final class Tally {
    private int completed;
    private int failed;
    private long frames;

    void add(Outcome outcome) {
      switch (outcome) {
        case Outcome.Completed done -> {
          completed++;
          frames += done.frames();
        }
        case Outcome.Failed(var sentence, var cause) -> {
          if (failed++ == 0) {
            spec.commandLine().getErr().println("error: " + sentence);
          }
        }
        case Outcome.Cancelled(), Outcome.Refused _ -> failed++;
      }
    }
  }

  private ExitCode summary(Tally tally, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    spec.commandLine()
        .getOut()
        .println(
            Messages.count(tally.completed, "run")
                + " completed, "
                + Messages.number(tally.failed)
                + " failed; "
                + Messages.count(tally.frames, "frame")
                + " at the end, in "
                + GraphRun.seconds(seconds)
                + ".");
    return tally.failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }
}
