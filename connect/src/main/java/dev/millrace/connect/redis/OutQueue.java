package dev.millrace.connect.redis;

import dev.millrace.hub.Publication;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// Publications that wait to be sent, bounded in messages and in bytes. Any thread offers, the
/// broker's takes.
final class OutQueue {
  /// `replay`: a dead letter, which is sent although it was delivered here.
  record Waiting(Publication publication, boolean replay) {}

  private final MpscVarHandleArrayQueue<Waiting> queue;
  private final int messageLimit;
  private final long byteLimit;
  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  OutQueue(int messageLimit, long byteLimit) {
    this.queue = new MpscVarHandleArrayQueue<>(messageLimit);
    this.messageLimit = messageLimit;
    this.byteLimit = byteLimit;
  }

  /// Takes a publication, or returns false because there is no room. One that alone is over a limit
  /// is taken when nothing else waits: it would never find room otherwise.
  boolean offer(Publication publication, boolean replay) {
    int count = publication.messages().size();
    long size = bytesOf(publication);
    int before = messages.getAndAdd(count);
    long bytesBefore = bytes.getAndAdd(size);
    boolean room =
        before == 0 || (before + count <= messageLimit && bytesBefore + size <= byteLimit);
    if (room && queue.offer(new Waiting(publication, replay))) {
      return true;
    }
    messages.addAndGet(-count);
    bytes.addAndGet(-size);
    return false;
  }

  @Nullable Waiting poll() {
    return queue.poll();
  }

  /// A publication that was polled has been sent, or dealt with otherwise.
  void done(Publication publication) {
    messages.addAndGet(-publication.messages().size());
    bytes.addAndGet(-bytesOf(publication));
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  int messages() {
    return messages.get();
  }

  /// Whether it is worth while to offer again.
  boolean hasRoom() {
    return messages.get() <= messageLimit / 2 && bytes.get() <= byteLimit / 2;
  }

  private static long bytesOf(Publication publication) {
    long size = 0;
    for (var message : publication.messages()) {
      size += message.payload().length + 128;
    }
    return size;
  }
}
