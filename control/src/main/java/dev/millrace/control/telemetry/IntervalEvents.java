package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Announces [PipelineTick] and [FeedTick] every `telemetry.ui_interval_ms`, from [#start] to
/// [#stop]: whoever shows them says when somebody looks. Safe from any thread.
public final class IntervalEvents implements AutoCloseable {
  private final Sections sections;
  private final Clock clock;
  private final Metrics metrics;
  private final PipelineStates states;
  private final Cadence cadence;

  private Duration interval; // these two: guarded by this
  private boolean started;

  private volatile Runnable beat = () -> {}; // written by start, read by the runs
  private volatile boolean anew; // written by start, cleared by the next run
  private @Nullable Sample before; // confined to the runs, one at a time
  private long seq;

  /// Everything at one moment.
  private record Sample(long nanos, FeedSample feed, List<PipelineView> pipelines) {}

  public IntervalEvents(TelemetrySpec spec, Sections sections, Clock clock, Metrics metrics) {
    this.sections = sections;
    this.clock = clock;
    this.metrics = metrics;
    this.interval = spec.uiInterval();
    this.states = new PipelineStates(sections.bus(), sections.pipelines(), clock);
    this.cadence = new Cadence("interval", clock, metrics, this::run);
  }

  /// Begins to measure; the first events come one interval from now. `beat` runs after the events
  /// of each interval, on the same thread.
  public synchronized void start(Runnable beat) {
    this.beat = beat;
    started = true;
    anew = true;
    cadence.start(Duration.ZERO, interval);
  }

  public synchronized void stop() {
    started = false;
    cadence.stop();
  }

  /// Takes on another interval at once.
  public synchronized void apply(TelemetrySpec spec) {
    if (!interval.equals(spec.uiInterval())) {
      interval = spec.uiInterval();
      if (started) {
        cadence.start(interval, interval);
      }
    }
  }

  /// The pipelines as they are now.
  public List<PipelineTick.PipelineLine> pipelines() {
    return PipelineRates.lines(sections.pipelines().get(), states);
  }

  @Override
  public void close() {
    stop();
    states.close();
  }

  private void run() {
    var now =
        new Sample(clock.nanoTime(), FeedSample.of(sections, metrics), sections.pipelines().get());
    var last = anew ? null : before;
    anew = false;
    before = now;
    if (last == null) {
      return;
    }
    long nanos = now.nanos - last.nanos;
    var ts = SignalJson.instant(clock.epochMicros());
    seq++;
    var bus = sections.bus();
    bus.announce(new PipelineRates(last.pipelines, nanos).tick(seq, ts, now.pipelines, states));
    bus.announce(FeedTick.of(seq, ts, last.feed, now.feed, nanos));
    beat.run();
  }
}
