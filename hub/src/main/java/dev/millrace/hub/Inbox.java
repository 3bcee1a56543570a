package dev.millrace.hub;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// Publications that wait for one loop, bounded in messages and in bytes. Any thread offers, the
/// loop takes.
final class Inbox {
  private final MpscVarHandleArrayQueue<Publication> queue;
  private final MpscVarHandleArrayQueue<Runnable> waiters;
  private final int messageLimit;
  private final long byteLimit;
  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /// `waiterLimit`: publishers that may wait for room at one time.
  Inbox(int messageLimit, long byteLimit, int waiterLimit) {
    this.queue = new MpscVarHandleArrayQueue<>(messageLimit);
    this.waiters = new MpscVarHandleArrayQueue<>(waiterLimit);
    this.messageLimit = messageLimit;
    this.byteLimit = byteLimit;
  }

  int messages() {
    return messages.get();
  }

  /// Takes a publication, or returns false because there is no room for it.
  boolean offer(Publication publication) {
    int count = publication.messages().size();
    long size = publication.waitingBytes();
    boolean room = messages.addAndGet(count) <= messageLimit;
    room &= bytes.addAndGet(size) <= byteLimit;
    if (room && queue.offer(publication)) {
      return true;
    }
    messages.addAndGet(-count);
    bytes.addAndGet(-size);
    return false;
  }

  @Nullable Publication poll() {
    return queue.poll();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /// A publication that was polled has been dealt with.
  void done(Publication publication) {
    messages.addAndGet(-publication.messages().size());
    bytes.addAndGet(-publication.waitingBytes());
  }

  boolean isHalfEmpty() {
    return messages.get() <= messageLimit / 2 && bytes.get() <= byteLimit / 2;
  }

  /// Remembers whom to tell when there is room; false if too many wait already.
  boolean await(Runnable waiter) {
    return waiters.offer(waiter);
  }

  /// Tells those who wait; for the loop.
  void tellWaiters() {
    // One that finds no room after all waits again, and is not told twice in one turn.
    for (int open = waiters.size(); open > 0 && isHalfEmpty(); open--) {
      var waiter = waiters.poll();
      if (waiter != null) {
        waiter.run();
      }
    }
  }
}
