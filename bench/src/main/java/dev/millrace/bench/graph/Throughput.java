package dev.millrace.bench.graph;

import dev.millrace.app.server.Catalogue;
import dev.millrace.bench.jmh.JmhRun;
import dev.millrace.bench.jmh.JmhScore;
import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Table;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// The questions that JMH answers: how many frames a second. The contestants of one question run
/// one after the other under the same arguments, each in JVMs of its own.
final class Throughput {
  /// What the ratio of engine and Pekko, both fused, is called.
  static final String TO_PEKKO = "engine / pekko";

  private Throughput() {}

  static Answer fused(JmhRun run) throws IOException {
    var scores = run.scores(List.of(FusedGraphBenchmark.class));
    double engine = mean(scores, "engineChain");
    return measured(
        scores,
        List.of(
            Bar.atLeast(TO_PEKKO, engine / mean(scores, "pekkoStream"), 6),
            Bar.atLeast("engine / reactor", engine / mean(scores, "reactorFlux"), 1),
            Bar.atLeast("engine / plain loop", engine / mean(scores, "plainLoop"), 0.25)));
  }

  static Answer queued(JmhRun run) throws IOException {
    var scores = run.scores(List.of(QueuedGraphBenchmark.class));
    double engine = mean(scores, "engineChannels");
    return measured(
        scores,
        List.of(Bar.atLeast("engine / disruptor", engine / mean(scores, "disruptorRing"), 1)));
  }

  static Answer samples(JmhRun run) throws IOException {
    var missing = SampleChain.missing(Catalogue.forChecking());
    if (missing.isPresent()) {
      return new Answer.Skipped(missing.get());
    }
    var scores = run.scores(List.of(SampleGraphBenchmark.class));
    return measured(
        scores,
        List.of(
            Bar.atLeast("fused, thousand frames/s", mean(scores, "samplesFused") / 1e3, 300),
            Bar.atLeast("queued, thousand frames/s", mean(scores, "samplesQueued") / 1e3, 100)));
  }

  private static Answer measured(List<JmhScore> scores, List<Bar> bars) {
    var table = new Table("", "M frames/s", "lowest", "highest");
    for (var score : scores) {
      table.row(
          score.name(),
          millions(score.mean()),
          millions(score.lowest()),
          millions(score.highest()));
    }
    var figures = Json.mapper().createObjectNode();
    JmhRun.list(scores, figures.putArray("scores"));
    return new Answer.Measured(table, figures, bars);
  }

  private static double mean(List<JmhScore> scores, String benchmark) {
    return scores.stream()
        .filter(score -> score.name().equals(benchmark))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no score of " + benchmark + " in " + scores))
        .mean();
  }

  private static String millions(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 1e7 ? "%.3f" : "%.1f", perSecond / 1e6);
  }
}
