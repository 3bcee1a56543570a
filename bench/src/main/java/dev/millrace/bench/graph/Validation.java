package dev.millrace.bench.graph;

import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Table;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How long does a graph of as many nodes as one may have take to be read and validated, and to run
/// 1,000 frames? Cold: the first time counts, as it does for whoever starts the product.
final class Validation {
  private static final int NODES = 10_000;
  private static final int FRAMES = 1_000;

  private Validation() {}

  static Answer measured(boolean smoke) throws InterruptedIOException {
    int nodes = smoke ? NODES / 10 : NODES;
    var work = new WorkNodes(FRAMES);
    var document = document(nodes);
    long start = System.nanoTime();
    var graph = EngineHost.read(document, work.catalogue());
    double reading = (System.nanoTime() - start) / 1e9;
    start = System.nanoTime();
    try (var host = new EngineHost(0)) {
      var _ = host.run(graph);
    } catch (ProblemException problem) {
      throw new IllegalStateException(problem);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the measurement was interrupted");
    }
    double running = (System.nanoTime() - start) / 1e9;
    var _ = Work.checked(work.sum(), Work.sum(FRAMES, nodes - 2));
    var table =
        new Table(nodes + " nodes", "seconds")
            .row("read and validated", seconds(reading))
            .row("started, 1,000 frames, ended", seconds(running));
    var figures =
        Json.mapper()
            .createObjectNode()
            .put("nodes", nodes)
            .put("validated_seconds", reading)
            .put("frames", FRAMES)
            .put("run_seconds", running);
    return new Answer.Measured(
        table, figures, List.of(Bar.atMost("read and validated, s", reading, 2)));
  }

  /// `make`, then `change` again and again, then `reduce`.
  private static String document(int nodes) {
    var boxes =
        IntStream.range(0, nodes)
            .mapToObj(
                i -> {
                  var type = i == 0 ? "make" : i == nodes - 1 ? "reduce" : "change";
                  return "{\"id\": \"n" + i + "\", \"type\": \"" + type + "\"}";
                })
            .collect(Collectors.joining(","));
    var edges =
        IntStream.range(1, nodes)
            .mapToObj(i -> "{\"from\": \"n" + (i - 1) + "\", \"to\": \"n" + i + "\"}")
            .collect(Collectors.joining(","));
    return "{\"nodes\": [" + boxes + "], \"connections\": [" + edges + "]}";
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
