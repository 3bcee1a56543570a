package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes empty frames by the clock, numbered from 0, and hands on those that come from outside.
///
/// The n-th tick is due at the first one's time and n intervals, so that nothing adds up; ticks
/// that were missed meanwhile fall together with the one that is due, and are counted.
public final class TriggerSource implements TriggeredSource, Stateful {
  public static final String TRIGGER_ID = "trigger_id";

  private final Config config;
  private final long intervalNanos;

  private @Nullable NodeContext context; // set by open
  private boolean begun;
  private boolean drained;
  private long nextNanos; // when the next tick is due
  private long sequence; // of the next tick

  /// What makes it tick.
  public enum Mode {
    PERIODIC,
    MANUAL,
    COUNT
  }

  /// The keys of a `TriggerSourceNode`.
  public record Config(
      @About(
              "periodic ticks by the clock, count does so `count` times and ends, manual only hands"
                  + " on triggers from outside, as the others do, too.")
          @Default("periodic")
          Mode mode,
      @About("Milliseconds from one tick to the next; above 0.")
          @Default("100")
          @Hint(min = 1, max = 10_000)
          double intervalMs,
      @About("How many ticks to make before the source ends; 0 never ends.")
          @Default("0")
          @Range(min = 0)
          long count) {
    public Config {
      if (!(intervalMs >= 1e-6 && intervalMs <= 1e12)) {
        throw new IllegalArgumentException(
            "interval_ms is " + intervalMs + "; it must be above 0 and at most 1e12");
      }
      if (mode == Mode.COUNT && count == 0) {
        throw new IllegalArgumentException("mode count needs a count of 1 or more");
      }
    }
  }

  public TriggerSource(Config config) {
    this.config = config;
    this.intervalNanos = Math.round(config.intervalMs() * 1e6);
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public Progress poll(Outlet outlet, int limit) {
    if (drained) {
      return Progress.DONE;
    }
    if (config.mode() == Mode.MANUAL) {
      return Progress.AWAIT;
    }
    var here = opened();
    long now = here.clock().nanoTime();
    if (!begun) {
      begun = true;
      nextNanos = now;
    }
    if (!ended() && now - nextNanos >= 0) {
      skipMissed(here, now);
      outlet.emit(tick(here));
      nextNanos += intervalNanos;
    }
    return ended() ? Progress.DONE : Progress.at(nextNanos);
  }

  @Override
  public void trigger(Frame frame, Outlet outlet) {
    outlet.emit(frame);
  }

  @Override
  public @Nullable SourcePosition position() {
    return null;
  }

  @Override
  public void drain() {
    drained = true;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeLong(sequence);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    sequence = in.readLong();
  }

  private boolean ended() {
    return config.count() > 0 && sequence >= config.count();
  }

  private void skipMissed(NodeContext here, long now) {
    long missed = (now - nextNanos) / intervalNanos;
    if (missed > 0) {
      nextNanos += missed * intervalNanos;
      here.metrics().counter(ControlMetric.LATE_TICKS, here.pipeline(), here.node()).inc(missed);
    }
  }

  private Frame tick(NodeContext here) {
    var frame = Frame.trigger(here.clock().epochMicros(), sequence);
    var tick = frame.withMetadata(frame.metadata().with(TRIGGER_ID, here.node() + "-" + sequence));
    sequence++;
    return tick;
  }

  private NodeContext opened() {
    return Objects.requireNonNull(context, "the source is not open");
  }
}
