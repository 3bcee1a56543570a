package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Keeps the newest frames for whoever asks, and hands them on unless it is terminal.
public final class Collect implements ReadableSink, Stateful {
  static final int MOST_FRAMES = 1_000_000;

  private final Config config;
  private final FrameRing ring;

  private @Nullable NodeContext context; // set by open
  private long restored; // frames that were dropped before what is in the ring
  private long counted; // dropped frames that the metric knows of

  /// The keys of a `Collect`.
  public record Config(
      @About("How many frames to keep; then the oldest ones go, and are counted.")
          @Default("10000")
          @Range(min = 1, max = MOST_FRAMES)
          int maxFrames,
      @About("Whether frames end here; otherwise they go on unchanged.") @Default("false")
          boolean terminal) {}

  public Collect(Config config) {
    this.config = config;
    this.ring = new FrameRing(config.maxFrames());
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    ring.add(frame);
    if (!config.terminal()) {
      outlet.emit(frame);
    }
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    long dropped = dropped();
    if (dropped > counted) {
      var here = Objects.requireNonNull(context, "a batch came before open");
      here.metrics()
          .counter(ControlMetric.COLLECT_DROPPED, here.pipeline(), here.node())
          .inc(dropped - counted);
      counted = dropped;
    }
  }

  @Override
  public List<Frame> frames() {
    return ring.frames();
  }

  /// Frames that were let go of. Any thread may read it late, the node's own exactly.
  long dropped() {
    return restored + Math.max(0, ring.added() - config.maxFrames());
  }

  @Override
  public void save(DataOutput out) throws IOException {
    var frames = ring.frames();
    out.writeLong(dropped());
    out.writeInt(frames.size());
    for (var frame : frames) {
      FrameCodec.write(frame, out);
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    ring.clear();
    restored = in.readLong();
    counted = restored;
    for (int left = FrameCodec.size(in, MOST_FRAMES); left > 0; left--) {
      ring.add(FrameCodec.read(in));
    }
  }
}
