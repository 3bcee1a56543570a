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
/// `watermark` is what event time has come to once these frames, and all that went before them on
/// this channel, have been taken; null for no news.
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
    @Nullable Watermark watermark,
    long barrier) {
  /// Most frames of one batch.
  public static final int MAX_FRAMES = 128;

  static final Frame[] NO_FRAMES = new Frame[0];

  /// Without news of event time.
  public Batch(
      Frame[] frames,
      int size,
      @Nullable SourcePosition position,
      long mark,
      int source,
      boolean lent) {
    this(frames, size, position, mark, source, lent, null, 0);
  }

  /// No barrier.
  Batch(
      Frame[] frames,
      int size,
      @Nullable SourcePosition position,
      long mark,
      int source,
      boolean lent,
      @Nullable Watermark watermark) {
    this(frames, size, position, mark, source, lent, watermark, 0);
  }

  /// Of frames without lent arrays.
  public Batch(Frame[] frames, int size, @Nullable SourcePosition position, long mark, int source) {
    this(frames, size, position, mark, source, false);
  }

  static Batch ofBarrier(long id) {
    return new Batch(NO_FRAMES, 0, null, 0, -1, false, null, id);
  }

  static Batch ofPosition(SourcePosition position, long mark, int source) {
    return new Batch(NO_FRAMES, 0, position, mark, source);
  }

  /// Whether somebody has to hear of the batch, though it had no frames.
  boolean tells() {
    return position != null || watermark != null;
  }

  /// The same with other frames, which are these in part.
  Batch part(Frame[] some, int count) {
    return new Batch(
        some, count, position, mark, source, lent && Lent.in(some, 0, count), watermark, barrier);
  }

  /// What the batch takes of a channel's capacity; one that only tells something, or is a
  /// barrier, takes 1, so that
  /// those are bounded as well.
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
