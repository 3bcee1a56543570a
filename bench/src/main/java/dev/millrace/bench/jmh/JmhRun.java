package dev.millrace.bench.jmh;

import dev.millrace.bench.report.Machine;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One run of some benchmarks, all under the same JVM arguments.
public final class JmhRun {
  private static final int SMOKE_MILLIS = 500;

  private final JmhOptions options;

  public JmhRun(JmhOptions options) {
    this.options = options;
  }

  /// Runs every benchmark of `classes`, in their order; a benchmark that fails fails the run.
  public List<JmhScore> scores(List<Class<?>> classes) throws IOException {
    int millis = options.smoke ? SMOKE_MILLIS : options.millis;
    var builder =
        new OptionsBuilder()
            .forks(options.smoke ? 1 : options.forks)
            .warmupIterations(options.smoke ? 1 : options.warmUp)
            .warmupTime(TimeValue.milliseconds(millis))
            .measurementIterations(options.smoke ? 1 : options.iterations)
            .measurementTime(TimeValue.milliseconds(millis))
            // In place of this JVM's own arguments, so that it does not matter how it was started.
            .jvmArgs(options.jvmArguments().toArray(String[]::new))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    classes.forEach(type -> builder.include(Pattern.quote(type.getName()) + "\\..*"));
    try {
      return new Runner(builder.build()).run().stream().map(JmhRun::score).toList();
    } catch (RunnerException failure) {
      throw new IOException("a benchmark failed: " + rootOf(failure), failure);
    }
  }

  /// A document that says what runs and where; the caller adds what it came to.
  public ObjectNode document(String bench) {
    var mapper = Json.mapper();
    var root = mapper.createObjectNode().put("bench", bench);
    root.set("machine", mapper.valueToTree(Machine.current()));
    root.put("jvm", String.join(" ", options.jvmArguments()));
    root.put("smoke", options.smoke);
    return root;
  }

  /// Adds each score to `list`.
  public static void list(List<JmhScore> scores, ArrayNode list) {
    for (var score : scores) {
      list.addObject()
          .put("name", score.name())
          .put("mean", score.mean())
          .put("lowest", score.lowest())
          .put("highest", score.highest())
          .put("iterations", score.iterations())
          .put("unit", score.unit());
    }
  }

  /// What a benchmark threw; JMH wraps it in exceptions that say only that it threw.
  private static Throwable rootOf(RunnerException failure) {
    Throwable root = failure;
    for (var cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    var suppressed = root.getSuppressed();
    return suppressed.length == 0 ? root : suppressed[0];
  }

  private static JmhScore score(RunResult run) {
    var result = run.getPrimaryResult();
    var statistics = result.getStatistics();
    var benchmark = run.getParams().getBenchmark();
    return new JmhScore(
        benchmark.substring(benchmark.lastIndexOf('.') + 1),
        result.getScore(),
        statistics.getMin(),
        statistics.getMax(),
        (int) statistics.getN(),
        result.getScoreUnit());
  }
}
