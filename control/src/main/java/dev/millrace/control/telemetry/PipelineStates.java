package dev.millrace.control.telemetry;

import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.pipeline.PipelineStateChanged;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Since when each pipeline is in its state. A change that the bus did not deliver leaves that
/// unknown, not wrong. Safe from any thread.
final class PipelineStates implements AutoCloseable {
  private static final Duration RECONCILE = Duration.ofSeconds(10);

  private final Supplier<List<PipelineView>> pipelines;
  private final Clock clock;
  // The bus's thread writes; forgets pipelines that are gone when it reconciles.
  private final Map<String, PipelineStateChanged> changes = new ConcurrentHashMap<>();
  private final SignalBus.Subscription<PipelineStateChanged> subscription;

  PipelineStates(SignalBus bus, Supplier<List<PipelineView>> pipelines, Clock clock) {
    this.pipelines = pipelines;
    this.clock = clock;
    this.subscription =
        bus.subscribe(
            "telemetry-states",
            PipelineStateChanged.class,
            change -> changes.put(change.pipeline(), change),
            RECONCILE,
            this::forgetWhatIsGone);
  }

  /// When the pipeline came into the state it is in, or null.
  @Nullable Instant since(PipelineSnapshot now) {
    var change = changes.get(now.name());
    if (change != null && change.to().equals(now.state())) {
      return SignalJson.instant(change.epochMicros());
    }
    return change == null && now.state() instanceof PipelineState.Running
        ? SignalJson.instant(clock.epochMicros() - now.uptime().toNanos() / 1_000)
        : null;
  }

  @Override
  public void close() {
    subscription.close();
  }

  private void forgetWhatIsGone() {
    changes
        .keySet()
        .retainAll(pipelines.get().stream().map(PipelineView::name).collect(Collectors.toSet()));
  }
}
