package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.Signal;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.flow.BatchTimes;
import dev.millrace.engine.pipeline.NodeState;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.hub.HubStats;
import dev.millrace.hub.SendLatency;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A process whose parts say what the test has told them to.
public final class FakeProcess implements AutoCloseable {
  public final FakeClock clock = new FakeClock();
  public final Metrics metrics = new Metrics();
  public final SignalBus bus;
  public final List<Signal> announced = new CopyOnWriteArrayList<>();
  public final Map<String, Long> logDrops = new ConcurrentHashMap<>();
  public volatile HubStats hub = new HubStats(0, 0, 0, 0, 0, 0, 0, 0);
  public volatile FeedFacts feed =
      new FeedFacts(new SendLatency(List.of(), List.of(0L)), 0, null, null, null);
  public volatile List<PipelineView> pipelines = List.of();
  public volatile long generation = 1;
  public volatile @Nullable String configError;
  public volatile Runnable onAsked = () -> {}; // runs whenever the hub is asked

  public FakeProcess() {
    this(1_024);
  }

  public FakeProcess(int busCapacity) {
    bus = new SignalBus(busCapacity, clock, metrics);
    bus.subscribe("test", Signal.class, announced::add, Duration.ofHours(1), () -> {});
  }

  public Sections sections() {
    return new Sections(
        () -> {
          onAsked.run();
          return hub;
        },
        () -> feed,
        () -> pipelines,
        () -> generation,
        () -> configError,
        bus,
        () -> Map.copyOf(logDrops));
  }

  /// `published` messages in, `deliveries` out, to `sessions`.
  public void hub(int sessions, long published, long deliveries) {
    hub = new HubStats(sessions, 2, 3, published, deliveries, 5, 4_096, 7);
  }

  /// `read -> keep` over a fused edge, `keep -> store` over a queue; all frames have come through.
  public static PipelineView view(String name, long frames, long queued) {
    return view(name, frames, queued, new PipelineState.Running());
  }

  private static PipelineSnapshot.NodeLine node(
      String id,
      String type,
      long in,
      long out,
      long errors,
      long rejected,
      double micros,
      @Nullable String trouble) {
    return new PipelineSnapshot.NodeLine(
        id,
        type,
        in,
        out,
        errors,
        rejected,
        micros,
        trouble,
        new PipelineSnapshot.Standing(NodeState.RUNNING, 0, null),
        new PipelineSnapshot.Load(0.25, 0.5, new BatchTimes.Quantiles(1, 2, 3)));
  }

  public static PipelineView view(String name, long frames, long queued, PipelineState state) {
    return new PipelineView(
        new PipelineSnapshot(
            name,
            state,
            Duration.ofSeconds(60),
            List.of(
                node("read", "Read", 0, frames, 0, 0, 0, null),
                node("keep", "Keep", frames, frames, 2, 3, 1.26, null),
                node(
                    "store",
                    "Store",
                    frames - queued,
                    0,
                    0,
                    0,
                    0,
                    queued > 50 ? "slow disk" : null)),
            List.of(new PipelineSnapshot.EdgeLine("keep", "store", queued, 100, frames, 0))),
        Set.of("read"),
        List.of(new PipelineView.Link("read", "keep"), new PipelineView.Link("keep", "store")));
  }

  /// What has been announced of one type.
  public <S extends Signal> List<S> announced(Class<S> type) {
    return announced.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /// The n-th signal of a type, waited for.
  public <S extends Signal> S await(Class<S> type, int number) {
    Await.until(number + " of " + type.getSimpleName(), () -> announced(type).size() >= number);
    return announced(type).get(number - 1);
  }

  /// Waits until so many runs of a job have come to their end.
  public void awaitRuns(String job, int number) {
    Await.until(
        number + " runs of " + job, () -> metrics.count(TelemetryMetric.RUNS, job) >= number);
  }

  @Override
  public void close() {
    bus.close();
  }
}
