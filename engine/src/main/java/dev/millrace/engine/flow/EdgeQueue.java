package dev.millrace.engine.flow;

import dev.millrace.engine.schedule.Wakeable;
import org.jspecify.annotations.Nullable;

/// The queue of one edge, between one producing and one consuming chain. A producer asks how much
/// is [#free], sends no more than that, and parks when it is nothing; a consumer polls batches and
/// gives back what it has handled.
///
/// A queue holds the lent arrays of the frames in it, and hands that hold on with the batch.
public sealed interface EdgeQueue permits Channel, DroppingChannel {

  /// Other chains have these ends from now on; whoever had one before stands still.
  void between(Wakeable producer, Wakeable consumer);

  /// Any thread.
  int capacity();

  /// How many frames may ever be free: the capacity, or without limit where more is dropped.
  int mostFree();

  /// Producer: how many frames it may send now; without limit where more than fits is dropped, or
  /// the consumer is gone.
  int free();

  /// Producer: hands a batch over, and with it one hold on its lent arrays.
  void send(Batch batch);

  /// Producer: notes that it waits for room.
  ///
  /// @return false if there is room after all, so that it need not park
  boolean parkProducer();

  /// Producer, or the watchdog in its place: nothing follows.
  void end();

  /// Consumer: whether a batch waits.
  boolean waiting();

  /// Consumer: the next batch, or null when none waits.
  @Nullable Batch poll();

  /// Consumer: `credit` of a batch has been processed, `frames` frames of it.
  void release(int credit, int frames);

  /// Consumer: nothing waits and nothing follows.
  boolean exhausted();

  /// Any thread: the consumer takes nothing any more. Whatever waits is discarded, and the producer
  /// never waits again.
  void abandon();

  /// Consumer, as the last thing it does: abandons the queue and gives back the arrays of all that
  /// is in it or still comes.
  void close();

  /// Any thread: frames sent and not yet processed.
  long queuedFrames();

  /// Any thread: frames sent so far, dropped ones included.
  long totalFrames();

  /// Any thread: frames for which there was no room.
  long droppedFrames();

  /// Any thread, once both ends are at rest: frames that were sent, and neither processed nor
  /// dropped.
  long discardedFrames();
}
