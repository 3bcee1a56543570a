package dev.millrace.engine.pipeline;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.Source;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/// Pipelines in which several instances share the work of a node.
final class SharedWork {
  private SharedWork() {}

  /// Takes its time now and then.
  static Node unsteady(Execution execution) {
    return new Each(
        execution,
        (frame, out) -> {
          if (ThreadLocalRandom.current().nextInt(20) == 0) {
            LockSupport.parkNanos(200_000);
          }
          out.emit(frame);
        });
  }

  static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  static Pipeline run(
      EngineFixture engine, Source source, Supplier<Node> fresh, Collecting sink, String keys)
      throws Exception {
    return run(engine, source, fresh, sink, keys, "\"name\":\"x\"");
  }

  static Pipeline run(
      EngineFixture engine,
      Source source,
      Supplier<Node> fresh,
      Collecting sink,
      String keys,
      String settings)
      throws Exception {
    engine.source("source", source);
    engine.stateless("work", fresh);
    engine.sink("sink", sink);
    var pipeline = engine.pipeline(engine.read(json(keys, settings)));
    pipeline.start();
    return pipeline;
  }

  /// `source -> work -> sink`, and a node for dead letters if the keys name one.
  static String json(String keys, String settings) {
    return "{\"pipeline_config\":{"
        + settings
        + "},\"nodes\":[{\"id\":\"source\",\"type\":\"source\"},"
        + "{\"id\":\"work\",\"type\":\"work\","
        + keys
        + "},{\"id\":\"sink\",\"type\":\"sink\"}"
        + (keys.contains("letters") ? ",{\"id\":\"letters\",\"type\":\"letters\"}" : "")
        + "],\"connections\":[{\"from\":\"source\",\"to\":\"work\"},"
        + "{\"from\":\"work\",\"to\":\"sink\"}]}";
  }
}
