package dev.millrace.bench.graph;

import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Medians;
import dev.millrace.bench.report.Table;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.Graph;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// How long does a frame take from the moment it is due to the end of the graph, at 10,000 a second
/// through three stages behind a source, fused and with a queue on every edge? Runs in this JVM,
/// with its collector: the product's, when `millrace` has started it. The run in the middle counts,
/// for each figure by itself.
final class Latency {
  private static final int RUNS = 5;
  private static final int SECONDS = 2;
  private static final int PER_SECOND = (int) (1_000_000_000 / PacedNodes.INTERVAL_NANOS);
  private static final double BAR_MILLIS = 2;

  private Latency() {}

  static Answer measured(boolean smoke) throws InterruptedIOException {
    int runs = smoke ? 1 : RUNS;
    var nodes =
        smoke
            ? new PacedNodes(PER_SECOND / 10, PER_SECOND / 10)
            : new PacedNodes(SECONDS * PER_SECOND, PER_SECOND);
    var table = new Table("microseconds", "p50", "p99", "p99.9", "highest");
    var figures = Json.mapper().createObjectNode().put("unit", "us").put("runs", runs);
    var bars = new ArrayList<Bar>();
    try (var host = new EngineHost(0)) {
      for (var fusion : List.of("auto", "off")) {
        var name = fusion.equals("auto") ? "fused" : "queued";
        var graph = EngineHost.read(document(fusion), nodes.catalogue());
        var latencies = new ArrayList<Histogram>();
        for (int i = 0; i < runs; i++) {
          latencies.add(run(host, graph, nodes));
        }
        double p50 = at(latencies, 50);
        double p99 = at(latencies, 99);
        double p999 = at(latencies, 99.9);
        double highest = at(latencies, 100);
        table.row(name, micros(p50), micros(p99), micros(p999), micros(highest));
        figures
            .putObject(name)
            .put("p50", p50)
            .put("p99", p99)
            .put("p99_9", p999)
            .put("highest", highest);
        bars.add(Bar.atMost(name + " p99, ms", p99 / 1e3, BAR_MILLIS));
      }
    }
    return new Answer.Measured(table, figures, bars);
  }

  private static Histogram run(EngineHost host, Graph graph, PacedNodes nodes)
      throws InterruptedIOException {
    try {
      var _ = host.run(graph);
      return nodes.latencies();
    } catch (ProblemException problem) {
      throw new IllegalStateException(problem);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the measurement was interrupted");
    }
  }

  private static double at(List<Histogram> runs, double percentile) {
    return Medians.of(runs, run -> run.getValueAtPercentile(percentile) / 1e3);
  }

  private static String micros(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String document(String fusion) {
    return """
    {
      "pipeline_config": {"fusion": "%s"},
      "nodes": [
        {"id": "paced", "type": "paced"},
        {"id": "first", "type": "change"},
        {"id": "second", "type": "change"},
        {"id": "record", "type": "record"}
      ],
      "connections": [
        {"from": "paced", "to": "first"},
        {"from": "first", "to": "second"},
        {"from": "second", "to": "record"}
      ]
    }
    """
        .formatted(fusion);
  }
}
