package dev.millrace.engine.flow;

import dev.millrace.engine.schedule.Wakeable;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// One edge of the graph that is not fused: a bounded queue of batches between exactly one
/// producing and one consuming thread at a time. Capacity counts frames. A frame keeps its credit
/// until it has been processed, so a consumer with a batch in hand has not made room yet.
///
/// A producer without credit does not run: it notes that it waits and parks, and the consumer wakes
/// it with the next credit it gives back. A consumer without batches parks and is woken by the next
/// batch. Neither spins.
public final class Channel implements EdgeQueue {
  private final int capacity;
  private final SpscVarHandleArrayQueue<Batch> queue;

  // Another one when a chain is built anew, written while the old one stands still.
  private volatile Wakeable producer;
  private volatile Wakeable consumer;

  private long sentCredit; // producer only
  private long seenReleased; // producer only: `released` when it last looked
  private final AtomicLong sentFrames = new AtomicLong(); // written by the producer
  private final AtomicLong released = new AtomicLong(); // credit; written by the consumer
  private final AtomicLong doneFrames = new AtomicLong(); // written by the consumer

  private volatile boolean producerWaits; // set by the producer, cleared by whoever wakes it
  private volatile boolean ended; // set by the producer, or by the watchdog in its place
  private volatile boolean abandoned; // set by the consumer, or by the watchdog in its place
  private volatile boolean closed; // set by the consumer, which never polls again

  public Channel(int capacity, Wakeable producer, Wakeable consumer) {
    this.capacity = capacity;
    this.producer = producer;
    this.consumer = consumer;
    this.queue = new SpscVarHandleArrayQueue<>(capacity);
  }

  @Override
  public void between(Wakeable newProducer, Wakeable newConsumer) {
    producer = newProducer;
    consumer = newConsumer;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int mostFree() {
    return capacity;
  }

  /// Producer: credit that is free now, or less as long as it is enough for a batch: what the
  /// consumer gives back is looked up only when it matters. Unlimited once the consumer is gone.
  @Override
  public int free() {
    if (abandoned) {
      return Integer.MAX_VALUE;
    }
    long free = capacity - (sentCredit - seenReleased);
    if (free < Batch.MAX_FRAMES) {
      seenReleased = released.getAcquire();
      free = capacity - (sentCredit - seenReleased);
    }
    return (int) free;
  }

  /// Producer: hands a batch over; its credit must be free. What is sent to a consumer that is gone
  /// counts as discarded.
  @Override
  public void send(Batch batch) {
    sentFrames.setRelease(sentFrames.getPlain() + batch.size());
    if (abandoned) {
      batch.giveBack();
      return;
    }
    sentCredit += batch.credit();
    if (!queue.offer(batch)) {
      throw new IllegalStateException("sent beyond the credit of " + capacity + " frames");
    }
    if (batch.lent()) {
      // With the fence in close(): we see that nobody will poll the batch, or it is found there.
      VarHandle.fullFence();
      if (closed) {
        giveBackAll();
      }
    }
    consumer.wake();
  }

  /// Producer: notes that it waits for credit.
  ///
  /// @return false if there is credit after all, so that it need not park
  @Override
  public boolean parkProducer() {
    producerWaits = true;
    // With the fence in release(): we see the new credit, or the consumer sees that we wait.
    VarHandle.fullFence();
    if (free() > 0) {
      producerWaits = false;
      return false;
    }
    return true;
  }

  /// Producer: nothing follows.
  @Override
  public void end() {
    ended = true;
    consumer.wake();
  }

  @Override
  public boolean waiting() {
    return !queue.isEmpty();
  }

  /// Consumer: the next batch, or null when none waits.
  @Override
  public @Nullable Batch poll() {
    return queue.poll();
  }

  /// Consumer: `credit` of a batch has been processed, `frames` frames of it.
  @Override
  public void release(int credit, int frames) {
    doneFrames.setRelease(doneFrames.getPlain() + frames);
    released.setRelease(released.getPlain() + credit);
    VarHandle.fullFence();
    wakeWaitingProducer();
  }

  /// Consumer: nothing waits and nothing follows.
  @Override
  public boolean exhausted() {
    return ended && queue.isEmpty();
  }

  /// Consumer: takes nothing any more. Whatever waits is discarded, and the producer never waits
  /// again.
  @Override
  public void abandon() {
    abandoned = true;
    VarHandle.fullFence();
    wakeWaitingProducer();
  }

  @Override
  public void close() {
    abandon();
    closed = true;
    VarHandle.fullFence();
    giveBackAll();
  }

  /// Any thread: frames sent and not yet processed.
  @Override
  public long queuedFrames() {
    long done = doneFrames.getAcquire(); // read first, so that the difference is never negative
    return abandoned ? 0 : sentFrames.getAcquire() - done;
  }

  /// Any thread: frames sent so far.
  @Override
  public long totalFrames() {
    return sentFrames.getAcquire();
  }

  @Override
  public long droppedFrames() {
    return 0;
  }

  /// Any thread, once both ends are at rest: frames that were sent and never processed.
  @Override
  public long discardedFrames() {
    return sentFrames.getAcquire() - doneFrames.getAcquire();
  }

  /// Once nobody polls any more, both ends come here; one at a time takes from the queue.
  private synchronized void giveBackAll() {
    for (var batch = queue.poll(); batch != null; batch = queue.poll()) {
      batch.giveBack();
    }
  }

  private void wakeWaitingProducer() {
    if (producerWaits) {
      producerWaits = false;
      producer.wake();
    }
  }
}
