package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.SourcePosition;
import org.jspecify.annotations.Nullable;

/// What one element of a channel carries. Immutable once sent and shared by all branches: nobody
/// writes into `frames`.
///
/// `position` is what the source numbered `source` may restart from once these frames, and all that
/// went before them on this channel, are safe. It is null in a batch that others of the same
/// position follow. `mark` numbers the positions of one source in the order it reached them, so
/// that positions in different streams compare; 0 without a position.
///
/// `lent` says that some frame has lent arrays. Whoever has the batch then holds each frame's
/// arrays once per channel it was sent on, and gives them back when it is done.
///
/// A batch with a `barrier` is nothing else: it says that everything before it is within the
/// checkpoint of that id, and what follows is not. 0 in all others.
public record Batch(
    Frame[] frames,
    int size,
    @Nullable SourcePosition position,
    long mark,
    int source,
    boolean lent,
    long barrier) {
  /// Most frames of one batch.
  public static final int MAX_FRAMES = 64;

  private static final Frame[] NO_FRAMES = new Frame[0];

  /// Of frames without lent arrays.
  public Batch(Frame[] frames, int size, @Nullable SourcePosition position, long mark, int source) {
    this(frames, size, position, mark, source, false);
  }

  /// Of frames and what the source may restart from.
  public Batch(
      Frame[] frames,
      int size,
      @Nullable SourcePosition position,
      long mark,
      int source,
      boolean lent) {
    this(frames, size, position, mark, source, lent, 0);
  }

  static Batch ofBarrier(long id) {
    return new Batch(NO_FRAMES, 0, null, 0, -1, false, id);
  }

  static Batch ofPosition(SourcePosition position, long mark, int source) {
    return new Batch(NO_FRAMES, 0, position, mark, source);
  }

  /// What the batch takes of a channel's capacity; one that only tells a position or is a barrier
  /// takes 1, so that those are bounded as well.
  int credit() {
    return Math.max(1, size);
  }

  /// One more holds the lent arrays.
  void retain() {
    if (lent) {
      for (int i = 0; i < size; i++) {
        Lent.retain(frames[i]);
      }
    }
  }

  /// One less holds the lent arrays.
  void giveBack() {
    giveBack(0, size);
  }

  /// One less holds the lent arrays of the frames from `from` up to `to`.
  void giveBack(int from, int to) {
    if (lent) {
      Lent.release(frames, from, to);
    }
  }
}
