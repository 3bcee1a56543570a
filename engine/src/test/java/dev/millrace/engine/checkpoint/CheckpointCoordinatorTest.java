package dev.millrace.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.graph.CheckpointSpec;
import dev.millrace.engine.schedule.Wakeable;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CheckpointCoordinatorTest {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final Path folder;

  private final FakeChain source = new FakeChain("source");
  private final FakeChain middle = new FakeChain("middle");
  private final FakeChain sink = new FakeChain("sink");

  private final CheckpointStore store;
  private final CheckpointWriter writer;
  private final CheckpointCoordinator coordinator;

  CheckpointCoordinatorTest(@TempDir Path folder) {
    this.folder = folder;
    store = new CheckpointStore(folder, "p", 3, 1_000, metrics);
    writer = new CheckpointWriter(store, "p", metrics, clock, () -> {});
    coordinator = coordinator(writer);
  }

  /// A chain of one node, which the test speaks for.
  private static final class FakeChain implements Wakeable {
    private final String node;
    private int wakes;

    FakeChain(String node) {
      this.node = node;
    }

    @Override
    public void wake() {
      wakes++;
    }

    SavedNode state(boolean ended, int value) {
      var key = new NodeKey(node, node, "");
      return new SavedNode(key, ended, null, new byte[] {(byte) value});
    }
  }

  @BeforeEach
  void begin() {
    coordinator.runs(List.of(source, middle, sink), List.of(source), keys());
    coordinator.start();
  }

  @AfterEach
  void end() {
    coordinator.stop();
    writer.close();
  }

  @Test
  void oneIsCompleteWhenEveryChainHasSaved() throws IOException {
    clock.advance(INTERVAL);
    assertThat(List.of(source.wakes, middle.wakes, sink.wakes)).containsExactly(1, 1, 1);
    long id = wanted();
    coordinator.saved(id, source, List.of(source.state(false, 1)));
    coordinator.saved(id, middle, List.of(middle.state(false, 2)));
    assertThat(store.ids()).isEmpty();
    coordinator.saved(id, sink, List.of(sink.state(false, 3)));
    assertThat(coordinator.wanted()).isNull();
    assertThat(values(id)).isEqualTo(Map.of("source", 1, "middle", 2, "sink", 3));
  }

  @Test
  void noneBeginsWhileOneIsUnderWay() {
    clock.advance(INTERVAL);
    long id = wanted();
    clock.advance(INTERVAL.multipliedBy(3));
    coordinator.begin();
    assertThat(wanted()).isEqualTo(id);
  }

  @Test
  void whatAChainThatEndedWasLastStandsForItInAllThatFollow() throws IOException {
    coordinator.ended(middle, List.of(middle.state(true, 9)));
    clock.advance(INTERVAL);
    long first = wanted();
    coordinator.saved(first, source, List.of(source.state(false, 1)));
    coordinator.saved(first, sink, List.of(sink.state(false, 1)));
    assertThat(values(first)).isEqualTo(Map.of("source", 1, "middle", 9, "sink", 1));
    assertThat(store.read(first).orElseThrow().of("middle").orElseThrow().ended()).isTrue();
  }

  @Test
  void aChainThatEndsMeanwhileIsNotWaitedFor() throws IOException {
    clock.advance(INTERVAL);
    long id = wanted();
    coordinator.saved(id, source, List.of(source.state(false, 1)));
    coordinator.saved(id, middle, List.of(middle.state(false, 1)));
    coordinator.ended(source, List.of(source.state(true, 7)));
    coordinator.ended(sink, List.of(sink.state(true, 8)));
    assertThat(values(id)).isEqualTo(Map.of("source", 1, "middle", 1, "sink", 8));
  }

  @Test
  void noneBeginsOnceAllSourcesHaveEnded() {
    coordinator.ended(source, List.of());
    clock.advance(INTERVAL.multipliedBy(3));
    coordinator.last();
    assertThat(coordinator.wanted()).isNull();
  }

  @Test
  void oneThatTakesTooLongIsGivenUpAndEverybodyHearsOfIt() throws IOException {
    clock.advance(INTERVAL);
    long id = wanted();
    coordinator.saved(id, source, List.of());
    clock.advance(Duration.ofSeconds(1).minusNanos(1));
    assertThat(wanted()).isEqualTo(id);
    int wakes = sink.wakes;
    clock.advance(Duration.ofNanos(1));
    assertThat(sink.wakes).isGreaterThan(wakes);
    coordinator.saved(id, middle, List.of());
    coordinator.saved(id, sink, List.of());
    assertThat(writer.status().failed()).isEqualTo(1);
    assertThat(writer.status().trouble()).contains("1000 ms");
    assertThat(metrics.count(EngineMetric.CHECKPOINTS, "p", "failed")).isEqualTo(1);
    coordinator.begin();
    assertThat(wanted()).isGreaterThan(id);
  }

  @Test
  void aNodeThatCannotBeSavedCostsThatOneOnly() throws IOException {
    clock.advance(INTERVAL);
    coordinator.failed(wanted(), "no");
    assertThat(coordinator.wanted()).isNull();
    clock.advance(INTERVAL);
    completeNow();
    assertThat(writer.status().failed()).isEqualTo(1);
    assertThat(writer.status().trouble()).isNull();
  }

  @Test
  void noneIsUnderWayWhileTheyAreSuspended() {
    clock.advance(INTERVAL);
    coordinator.suspend();
    coordinator.suspend();
    assertThat(coordinator.wanted()).isNull();
    coordinator.resume();
    clock.advance(INTERVAL);
    assertThat(coordinator.wanted()).isNull();
    coordinator.resume();
    clock.advance(INTERVAL);
    assertThat(wanted()).isEqualTo(2);
    assertThat(writer.status().failed()).isZero();
  }

  @Test
  void theLastOneTakesThePlaceOfAnyOther() throws IOException {
    clock.advance(INTERVAL);
    long given = wanted();
    coordinator.suspend();
    coordinator.last();
    assertThat(coordinator.wanted()).isEqualTo(new CheckpointRequest(given + 1, true));
    clock.advance(Duration.ofHours(1));
    completeNow();
    assertThat(store.ids()).containsExactly(given + 1);
    coordinator.begin();
    assertThat(coordinator.wanted()).isNull();
  }

  @Test
  void aRunHasCompletedWhenAllEndedByThemselves() {
    coordinator.ended(source, List.of());
    coordinator.ended(middle, List.of());
    assertThat(coordinator.completed()).isFalse();
    coordinator.ended(sink, List.of());
    assertThat(coordinator.completed()).isTrue();
  }

  @Test
  void aDrainedRunHasNotCompleted() {
    coordinator.last();
    for (var chain : List.of(source, middle, sink)) {
      coordinator.ended(chain, List.of(chain.state(true, 1)));
    }
    assertThat(coordinator.completed()).isFalse();
  }

  @Test
  void aChainThatHasEndedIsNotWaitedForAfterAChange() throws IOException {
    coordinator.ended(middle, List.of(middle.state(true, 5)));
    coordinator.suspend();
    coordinator.runs(List.of(source, middle, sink), List.of(source), keys());
    coordinator.resume();
    coordinator.begin();
    long id = wanted();
    coordinator.saved(id, source, List.of());
    coordinator.saved(id, sink, List.of());
    assertThat(values(id)).isEqualTo(Map.of("middle", 5));
  }

  @Test
  void nodesThatHaveLeftAreNotSavedAnyMore() throws IOException {
    coordinator.ended(middle, List.of(middle.state(true, 5)));
    coordinator.suspend();
    var left = new LinkedHashMap<>(keys());
    left.remove("middle");
    coordinator.runs(List.of(source, sink), List.of(source), left);
    coordinator.resume();
    coordinator.begin();
    long id = wanted();
    coordinator.saved(id, source, List.of(source.state(false, 1)));
    coordinator.saved(id, sink, List.of());
    assertThat(values(id)).isEqualTo(Map.of("source", 1));
  }

  @Test
  void aFolderThatCannotBeWrittenCostsCheckpointsOnly() throws IOException {
    var file = Files.writeString(folder.resolve("file"), "");
    var failing = new CheckpointStore(file.resolve("below"), "p", 3, 1_000, metrics);
    var failingWriter = new CheckpointWriter(failing, "q", metrics, clock, () -> {});
    var other = coordinator(failingWriter);
    other.runs(List.of(source), List.of(source), keys());
    other.begin();
    other.saved(Objects.requireNonNull(other.wanted()).id(), source, List.of());
    Await.until("the failure is counted", () -> failingWriter.status().failed() == 1);
    assertThat(failingWriter.status().trouble()).contains("could not be written");
    failingWriter.close();
  }

  private long wanted() {
    return Objects.requireNonNull(coordinator.wanted(), "none is under way").id();
  }

  private void completeNow() throws IOException {
    long id = wanted();
    for (var chain : List.of(source, middle, sink)) {
      coordinator.saved(id, chain, List.of(chain.state(false, 1)));
    }
    assertThat(values(id)).hasSize(3);
  }

  /// Once it is on the disk.
  private Map<String, Integer> values(long id) throws IOException {
    Await.until("checkpoint " + id + " is written", () -> !writer.busy());
    assertThat(store.ids()).contains(id);
    var values = new HashMap<String, Integer>();
    for (var state : store.read(id).orElseThrow().nodes()) {
      values.put(state.key().id(), (int) Objects.requireNonNull(state.bytes())[0]);
    }
    return values;
  }

  private CheckpointCoordinator coordinator(CheckpointWriter to) {
    var spec =
        new CheckpointSpec(
            (int) INTERVAL.toMillis(), 0, "", 3, 1_000, new ByteSize(1_000), new ByteSize(1_000));
    return new CheckpointCoordinator(spec, to, 1, clock);
  }

  private Map<String, NodeKey> keys() {
    var keys = new LinkedHashMap<String, NodeKey>();
    for (var chain : List.of(source, middle, sink)) {
      keys.put(chain.node, new NodeKey(chain.node, chain.node, ""));
    }
    return keys;
  }
}
