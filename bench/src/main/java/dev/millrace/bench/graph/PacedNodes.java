package dev.millrace.bench.graph;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The node types `paced`, `change` and `record`: frames at a fixed rate, and how long after each
/// was due it has arrived. A frame that is made late counts from the moment it was due, so an
/// engine that stalls is not forgiven what waited meanwhile.
final class PacedNodes {
  /// Nanoseconds between two frames: 10,000 a second.
  static final long INTERVAL_NANOS = 100_000;

  private final int frames;
  private final int warmUp;
  private final NodeCatalogue catalogue =
      new NodeCatalogue(
          List.of(
              NodeType.source("paced", "Paced", WorkNodes.NoConfig.class, config -> new Paced()),
              NodeType.transform(
                  "change", "Changes", WorkNodes.NoConfig.class, config -> new Change()),
              NodeType.sink(
                  "record", "Records", WorkNodes.NoConfig.class, config -> freshRecorder())));

  // When frame 0 is due. Written by the source before it makes the first frame, read by whoever
  // takes one.
  private long firstNanos;

  // Of the last run; written when a pipeline makes its nodes, read after it has ended.
  private Recorder record = new Recorder();

  /// The source makes `warmUp` frames that are not recorded, then `frames` that are.
  PacedNodes(int frames, int warmUp) {
    this.frames = frames;
    this.warmUp = warmUp;
  }

  NodeCatalogue catalogue() {
    return catalogue;
  }

  /// Nanoseconds from due to arrived of the last run, once it has ended.
  ///
  /// @throws IllegalStateException if frames are missing
  Histogram latencies() {
    if (record.latencies.getTotalCount() != frames) {
      throw new IllegalStateException(
          record.latencies.getTotalCount() + " of " + frames + " frames arrived");
    }
    return record.latencies;
  }

  private Recorder freshRecorder() {
    record = new Recorder();
    return record;
  }

  private final class Paced implements Source {
    private int next;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      long now = System.nanoTime();
      if (next == 0) {
        firstNanos = now;
      }
      int total = warmUp + frames;
      int end = (int) Math.min(next + (long) limit, total);
      while (next < end && due(next) - now <= 0) {
        outlet.emit(Work.make(next++));
      }
      return next == total ? Progress.DONE : Progress.at(due(next));
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }

  private long due(long number) {
    return firstNanos + number * INTERVAL_NANOS;
  }

  private static final class Change implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(Work.change(frame));
    }
  }

  private final class Recorder implements Processor {
    private final Histogram latencies = new Histogram(3);

    @Override
    public void process(Frame frame, Outlet outlet) {
      if (frame.sequence() >= warmUp) {
        latencies.recordValue(Math.max(0, System.nanoTime() - due(frame.sequence())));
      }
    }
  }
}
