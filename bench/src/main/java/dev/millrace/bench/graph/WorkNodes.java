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
import org.jspecify.annotations.Nullable;

/// The node types `make`, `change` and `reduce`, which do [Work]. A source tells positions and
/// everything is counted, as in production.
final class WorkNodes {
  private final int frames;
  private final NodeCatalogue catalogue =
      new NodeCatalogue(
          List.of(
              NodeType.source("make", "Makes frames", NoConfig.class, config -> new Make()),
              NodeType.transform("change", "Changes", NoConfig.class, config -> new Change()),
              NodeType.sink("reduce", "Sums up", NoConfig.class, config -> freshReduce())));

  // The sink of the last run; written when a pipeline makes its nodes, read after it has ended.
  private Reduce reduce = new Reduce();

  /// The source makes `frames` frames and ends.
  WorkNodes(int frames) {
    this.frames = frames;
  }

  NodeCatalogue catalogue() {
    return catalogue;
  }

  /// The sum of the last run, once it has ended.
  long sum() {
    return reduce.sum;
  }

  private Reduce freshReduce() {
    reduce = new Reduce();
    return reduce;
  }

  record NoConfig() {}

  private final class Make implements Source {
    private int next;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      int end = Math.min(next + limit, frames);
      while (next < end) {
        outlet.emit(Work.make(next++));
      }
      return next < frames ? Progress.MORE : Progress.DONE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return SourcePosition.exact("bench", next);
    }
  }

  private static final class Change implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(Work.change(frame));
    }
  }

  private static final class Reduce implements Processor {
    private long sum; // confined to the chain; read after the pipeline has ended

    @Override
    public void process(Frame frame, Outlet outlet) {
      sum = Work.reduce(sum, frame);
    }
  }
}
