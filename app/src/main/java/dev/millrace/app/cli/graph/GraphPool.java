package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.frame.Frame;
import dev.millrace.engine.pool.Execution;
import dev.millrace.engine.pool.Outcome;
import dev.millrace.engine.pool.PipelinePool;
import dev.millrace.engine.pool.PoolSpec;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
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
    if (most < 1 || runs < 1 || runs > MOST_RUNS) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--max is at least 1, and --runs from 1 to " + MOST_RUNS + ".");
    }
    var sound = new GraphFile(file, Extensions.services().catalogue());
    var graph = sound.sound(spec.commandLine().getErr());
    try (var bench = Workbench.in(dataDirectory);
        var runtime = new EngineRuntime(EngineSpec.DEFAULT, bench.clock(), bench.metrics());
        var pool =
            new PipelinePool(
                graph.name(),
                graph.graph(),
                new PoolSpec(most, runs, false),
                runtime.start(),
                bench.services())) {
      long start = System.nanoTime();
      var executions = new ArrayList<Execution>();
      for (int i = 0; i < runs; i++) {
        executions.add(
            GraphRun.takesTriggers(graph.graph())
                ? pool.execute(Frame.trigger(0, i))
                : pool.execute());
      }
      return summary(executions, start).code();
    }
  }

  private ExitCode summary(Iterable<Execution> executions, long start) throws InterruptedException {
    int completed = 0;
    int failed = 0;
    long frames = 0;
    for (var execution : executions) {
      switch (execution.await()) {
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
    double seconds = (System.nanoTime() - start) / 1e9;
    spec.commandLine()
        .getOut()
        .println(
            Messages.count(completed, "run")
                + " completed, "
                + Messages.number(failed)
                + " failed; "
                + Messages.count(frames, "frame")
                + " at the end, in "
                + GraphRun.seconds(seconds)
                + ".");
    return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }
}
