package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.engine.fixture.Counting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Ledger;
import dev.millrace.engine.fixture.Ticks;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random graphs of nodes that remember all they have seen, cut off again and again, come to what a
/// run comes to that nothing interrupts.
@Timeout(120)
class RandomCheckpointTest {
  private static final int GRAPHS = 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void runsThatAreCutOffComeToWhatOneComesTo(long block, @TempDir Path data) throws Exception {
    for (long seed = block * 1_000; seed < block * 1_000 + GRAPHS; seed++) {
      try (var engine = new EngineFixture()) {
        var random = new Random(seed);
        var ledgers = new ArrayList<Ledger>();
        var document = document(engine, random, ledgers);
        var graph = engine.read(document);
        var other = engine.read(document.replace("\"capacity\":9", "\"capacity\":7"));
        var expected = uninterrupted(engine, graph, ledgers);

        int runs = 0;
        var folder = data.resolve("seed" + seed);
        while (!goesOn(engine, graph, other, folder, random)) {
          assertThat(++runs).as("runs, seed %d", seed).isLessThan(1_000);
        }

        assertThat(lines(ledgers)).as("seed %d, %d runs", seed, runs).isEqualTo(expected);
      }
    }
  }

  /// One run, cut off or drained at some time; `other` does the same, and takes its place now and
  /// then, which disturbs nobody.
  ///
  /// @return whether it came to its end
  private static boolean goesOn(
      EngineFixture engine, Graph graph, Graph other, Path data, Random random) throws Exception {
    var run = engine.keeping(data, graph, Checkpoints.CONTINUE);
    run.start();
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      var _ = run.apply(changes % 2 == 1 ? other : graph);
    }
    int most = 1 + random.nextInt(4);
    Await.until(
        "it has " + most + " checkpoints",
        () -> run.end().isDone() || run.checkpoints().orElseThrow().written() >= most);
    if (random.nextInt(4) == 0) {
      assertThat(run.drain()).isInstanceOf(DrainReport.Clean.class);
    }
    run.close();
    assertThat(run.failure()).isNull();
    return !Files.exists(data.resolve("checkpoints/p"));
  }

  private static List<List<String>> uninterrupted(
      EngineFixture engine, Graph graph, List<Ledger> ledgers) throws Exception {
    var run = engine.keeping(Path.of("unused"), graph, Checkpoints.NONE);
    run.start();
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    run.close();
    return lines(ledgers);
  }

  private static List<List<String>> lines(List<Ledger> ledgers) {
    return ledgers.stream().map(ledger -> ledger.lines().stream().sorted().toList()).toList();
  }

  private static String document(EngineFixture engine, Random random, List<Ledger> ledgers) {
    int sources = 1 + random.nextInt(3);
    int transforms = random.nextInt(6);
    int sinks = 1 + random.nextInt(3);
    var nodes = new ArrayList<String>();
    var edges = new ArrayList<String>();
    for (int i = 0; i < sources + transforms + sinks; i++) {
      int number = i;
      var execution = execution(random);
      var type = "n" + i;
      nodes.add("{\"id\":\"" + type + "\",\"type\":\"" + type + "\"}");
      if (i < sources) {
        long last = random.nextInt(3_000);
        var free = new AtomicLong(Long.MAX_VALUE);
        engine.sources(type, () -> new Ticks(number, last, execution, free));
        continue;
      }
      int before = Math.min(i, sources + transforms);
      boolean any = false;
      for (int from = 0; from < before; from++) {
        if (random.nextInt(3) == 0) {
          edges.add(edge(from, i, random));
          any = true;
        }
      }
      if (!any) {
        edges.add(edge(random.nextInt(before), i, random));
      }
      if (i < sources + transforms && random.nextInt(3) == 0) {
        nodes.set(i, nodes.get(i).replace("}", ",\"workers\":{\"min\":1,\"max\":3}}"));
        engine.stateless(
            type,
            () ->
                new Each(
                    (frame, out) ->
                        out.emit(
                            Frame.trigger(
                                31 * frame.timestampMicros() + number, frame.sequence()))));
      } else if (i < sources + transforms) {
        engine.transforms(type, () -> new Counting(number, execution));
      } else {
        var ledger = new Ledger();
        ledgers.add(ledger);
        engine.sinks(type, () -> ledger.sink(execution));
      }
    }
    return "{\"pipeline_config\":{\"channel_capacity\":"
        + (1 + random.nextInt(150))
        + ",\"fusion\":\""
        + (random.nextBoolean() ? "auto" : "off")
        + "\",\"checkpoint\":{\"interval_ms\":"
        + (random.nextBoolean() ? 3 : 0)
        + ",\"every_frames\":"
        + (50 + random.nextInt(300))
        + "}},\"nodes\":"
        + nodes
        + ",\"connections\":"
        + edges
        + "}";
  }

  private static String edge(int from, int to, Random random) {
    var capacity = random.nextInt(4) == 0 ? ",\"capacity\":" + (1 + random.nextInt(99)) : "";
    return "{\"from\":\"n" + from + "\",\"to\":\"n" + to + "\"" + capacity + "}";
  }

  private static Execution execution(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> Execution.WAITING;
      case 1 -> Execution.NATIVE;
      default -> Execution.INLINE;
    };
  }
}
