package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.Execution;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.fixture.Counting;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Ledger;
import dev.millrace.engine.fixture.Ticks;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of checkpoints have in common: runs of `ticks -> sum -> out`, and what can be built
/// around it, that are cut off and go on.
abstract class CheckpointedRuns {
  static final String EVERY_50 = "\"checkpoint\":{\"interval_ms\":2,\"every_frames\":50}";
  static final String SETTINGS = "{" + EVERY_50 + ",\"channel_capacity\":20}";

  final EngineFixture engine = new EngineFixture();
  final Path data;
  final AtomicLong allowed = new AtomicLong(Long.MAX_VALUE);
  final List<Ticks> sources = new CopyOnWriteArrayList<>();
  final Ledger ledger = new Ledger();
  long last = 1_000; // frame of the source

  CheckpointedRuns(@TempDir Path data) {
    this.data = data;
  }

  @BeforeEach
  void types() {
    engine.sources("ticks", () -> ticks(1));
    engine.sources("others", () -> ticks(2));
    engine.transforms("sum", () -> new Counting(3, Execution.INLINE));
    engine.transforms("waitingSum", () -> new Counting(4, Execution.WAITING));
    engine.sinks("out", () -> ledger.sink(Execution.NATIVE));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  Ticks ticks(int number) {
    var made = new Ticks(number, last, Execution.INLINE, allowed);
    sources.add(made);
    return made;
  }

  /// What a run of its own comes to that nothing interrupts; the ledger is left as that run did.
  List<String> uninterrupted(Graph graph) throws Exception {
    long held = allowed.getAndSet(Long.MAX_VALUE);
    var run = engine.keeping(data, graph, Checkpoints.NONE);
    run.start();
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    run.close();
    allowed.set(held);
    return ledger.lines();
  }

  /// Cuts a run off in the middle of its work, once its source may have come to `frames` and there
  /// are so many checkpoints.
  void cutOffAfter(Graph graph, long frames, int checkpoints) throws Exception {
    allowed.set(frames);
    var run = start(graph);
    Await.until("checkpoints are written", () -> written(run) >= checkpoints || over(run));
    run.close();
    allowed.set(Long.MAX_VALUE);
  }

  void runToItsEnd(Graph graph) throws Exception {
    var run = start(graph);
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    run.close();
  }

  Pipeline start(Graph graph) throws ProblemException {
    var run = engine.keeping(data, graph, Checkpoints.CONTINUE);
    run.start();
    return run;
  }

  static long written(Pipeline run) {
    return run.checkpoints().orElseThrow().written();
  }

  static long frames(Pipeline run, String node) {
    return Objects.requireNonNull(run.metrics().get(node)).framesProcessed();
  }

  static long failed(Pipeline run) {
    return run.checkpoints().orElseThrow().failed();
  }

  static boolean over(Pipeline run) {
    return run.end().isDone();
  }

  static boolean ended(Pipeline run, String node) {
    return run.snapshot().nodes().stream()
        .anyMatch(line -> line.id().equals(node) && line.standing().state() == NodeState.ENDED);
  }

  Path folder() {
    return data.resolve("checkpoints").resolve("p");
  }

  List<Path> checkpoints() throws IOException {
    if (!Files.exists(folder())) {
      return List.of();
    }
    try (var files = Files.list(folder())) {
      return files.sorted().toList();
    }
  }

  static List<String> sorted(List<String> lines) {
    var copy = new ArrayList<>(lines);
    copy.sort(null);
    return copy;
  }
}
