package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// Single frames that operators put in front of stages of a chain, beside its edges and without a
/// position. Any thread puts, the chain takes.
final class Replays {
  /// Operators put in frames one by one; more than this waits for nobody.
  static final int CAPACITY = 64;

  // Made with the first one, since most chains never see any.
  private volatile @Nullable MpscVarHandleArrayQueue<Replay> queue;

  /// A frame, the stage it is for, and which of the stage's inputs it is to have come by.
  record Replay(Frame frame, Stage stage, int input) {}

  /// Puts one behind those that wait.
  ///
  /// @return false if there is no room
  boolean put(Replay replay) {
    return queue().offer(replay);
  }

  boolean waiting() {
    var waiting = queue;
    return waiting != null && !waiting.isEmpty();
  }

  /// The next one, which stays where it is; null without one.
  @Nullable Replay peek() {
    var waiting = queue;
    return waiting == null ? null : waiting.peek();
  }

  /// The next one, which [#peek] has shown, is taken.
  void take() {
    var _ = queue().poll();
  }

  /// The chain ends: what still waits is not handled.
  void discard() {
    for (var left = peek(); left != null; left = peek()) {
      take();
      left.stage().fate().dropped(left.frame(), "end: the node ended before it came");
    }
  }

  private MpscVarHandleArrayQueue<Replay> queue() {
    var made = queue;
    if (made == null) {
      synchronized (this) {
        made = queue;
        if (made == null) {
          made = new MpscVarHandleArrayQueue<>(CAPACITY);
          queue = made;
        }
      }
    }
    return made;
  }
}
