package dev.millrace.connect.simulated;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import org.jspecify.annotations.Nullable;

/// Makes a stream of events that looks like Bluesky's firehose, for demos, tests and benchmarks.
/// Event n (from 1, also the frame's sequence) is a function of the seed and n, so the source
/// resumes anywhere at no cost. `time_us` rises strictly. With a fixed start time every byte is
/// fixed; otherwise events are stamped with the present and only their content is.
public final class SimulatedFirehose implements Source {

  public static final NodeType<SimulatedConfig> TYPE =
      NodeType.source(
          "SimulatedFirehose",
          "Makes Bluesky-like events from a seed; needs no network.",
          SimulatedConfig.class,
          SimulatedFirehose::new);

  /// The public network's rate in summer 2026; spaces the time stamps when the rate is unlimited.
  private static final double NATURAL_RATE = 480;

  /// Events that are overdue by more than this are not made up for: the stream goes on from now.
  private static final long CATCH_UP_NANOS = 1_000_000_000;

  private final SimulatedConfig config;
  private final EventWriter writer;
  private EventTimes times;
  private @Nullable NodeContext context;
  private long last;
  private long paceStartNanos;
  private long paceStart;
  private boolean draining;

  public SimulatedFirehose(SimulatedConfig config) {
    this.config = config;
    this.writer = new EventWriter(config.seed(), config.accounts());
    this.times = timesFrom(config.startTimeUs());
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
    last = opened.resumeAfter(stream()).orElse(0);
    if (config.startTimeUs() == 0) {
      // The next event is now; its predecessors lie in the past, as if the stream had run all
      // along.
      long now = opened.clock().epochMicros();
      times = timesFrom(now - timesFrom(0).boundary(last));
    }
    paceStartNanos = opened.clock().nanoTime();
    paceStart = last;
  }

  @Override
  public Progress poll(Outlet outlet, int limit) {
    long end = config.count() == 0 ? Long.MAX_VALUE : config.count();
    if (draining || last >= end) {
      return Progress.DONE;
    }
    long until = Math.min(Math.min(end, last + limit), dueBy(now()));
    while (last < until) {
      last++;
      long timeUs = times.timeUs(last);
      outlet.emit(Frame.json(timeUs, last, writer.write(last, timeUs)));
    }
    if (last >= end) {
      return Progress.DONE;
    }
    return config.rate() == 0 || last < dueBy(now())
        ? Progress.MORE
        : Progress.at(dueNanos(last + 1));
  }

  @Override
  public SourcePosition position() {
    return SourcePosition.exact(stream(), last);
  }

  @Override
  public void drain() {
    draining = true;
  }

  /// The bytes of event `n`, for whoever wants a few without a pipeline.
  public byte[] event(long n) {
    return writer.write(n, times.timeUs(n));
  }

  private String stream() {
    return config.startTimeUs() == 0
        ? "simulated:" + config.seed()
        : "simulated:" + config.seed() + "@" + config.startTimeUs() + "/" + config.rate();
  }

  private EventTimes timesFrom(long startUs) {
    return new EventTimes(
        config.seed(), startUs, config.rate() == 0 ? NATURAL_RATE : config.rate());
  }

  /// The last event that is due.
  private long dueBy(long nowNanos) {
    if (config.rate() == 0) {
      return Long.MAX_VALUE;
    }
    if (nowNanos - dueNanos(last + 1) > CATCH_UP_NANOS) {
      paceStartNanos = nowNanos - CATCH_UP_NANOS;
      paceStart = last;
    }
    long due = paceStart + (long) ((nowNanos - paceStartNanos) / 1e9 * config.rate());
    // The two roundings must agree, or the source would ask for a moment at which nothing is due.
    return dueNanos(due + 1) <= nowNanos ? due + 1 : due;
  }

  /// When event `n` is due.
  private long dueNanos(long n) {
    return paceStartNanos + (long) Math.ceil((n - paceStart) * 1e9 / config.rate());
  }

  private long now() {
    return java.util.Objects.requireNonNull(context, "the source is not open").clock().nanoTime();
  }
}
