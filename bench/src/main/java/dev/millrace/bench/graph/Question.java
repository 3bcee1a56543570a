package dev.millrace.bench.graph;

import dev.millrace.bench.jmh.JmhRun;
import java.io.IOException;
import java.util.List;

/// One thing that `bench graph` measures. `name` is what `--only` takes.
record Question(String name, String title, Measurement measurement) {

  /// How it is measured: `smoke` asks for a run that is quick and shows only that it works.
  @FunctionalInterface
  interface Measurement {
    Answer answer(JmhRun run, boolean smoke) throws IOException;
  }

  /// In the order they are asked.
  static List<Question> all() {
    return List.of(
        new Question("fused", "three fused stages", (run, smoke) -> Throughput.fused(run)),
        new Question(
            "queued",
            "three stages with two queues between",
            (run, smoke) -> Throughput.queued(run)),
        new Question(
            "samples",
            "generator, two gains and sink, 1,024 samples a frame",
            (run, smoke) -> Throughput.samples(run)),
        new Question(
            "latency",
            "10,000 frames a second through three stages",
            (run, smoke) -> Latency.measured(smoke)),
        new Question(
            "validation", "a chain of 10,000 nodes", (run, smoke) -> Validation.measured(smoke)));
  }
}
