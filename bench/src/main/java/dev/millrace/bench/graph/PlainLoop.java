package dev.millrace.bench.graph;

import dev.millrace.core.frame.Frame;

/// Three stages as a loop over virtual calls: what a chain costs with no engine around it, as long
/// as its stages are not known when it is compiled.
final class PlainLoop {
  private final Reduce reduce = new Reduce();
  private final Stage[] stages = {new Make(), new Change(), reduce};

  long run() {
    reduce.sum = 0;
    var frame = Work.make(0);
    for (int number = 0; number < Work.FRAMES; number++) {
      for (var stage : stages) {
        frame = stage.apply(frame);
      }
    }
    return reduce.sum;
  }

  /// One call site with three receivers, so that none of them can be compiled into the loop.
  private abstract static sealed class Stage {
    abstract Frame apply(Frame frame);
  }

  private static final class Make extends Stage {
    private int next;

    @Override
    Frame apply(Frame frame) {
      int number = next++;
      next &= Work.FRAMES - 1;
      return Work.make(number);
    }
  }

  private static final class Change extends Stage {
    @Override
    Frame apply(Frame frame) {
      return Work.change(frame);
    }
  }

  private static final class Reduce extends Stage {
    long sum;

    @Override
    Frame apply(Frame frame) {
      sum = Work.reduce(sum, frame);
      return frame;
    }
  }
}
