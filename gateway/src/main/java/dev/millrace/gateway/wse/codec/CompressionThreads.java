package dev.millrace.gateway.wse.codec;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// The threads on which long frames are compressed, so that no loop does it: few, there while there
/// is something to do, and with a bounded number of bytes before them. Safe from any thread.
public final class CompressionThreads implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;
  private final long mostBytes;
  private final int above;
  private final AtomicLong waiting = new AtomicLong();

  /// For payloads of more than `above` bytes, of which at most `mostBytes` wait.
  public CompressionThreads(int threadCount, int above, long mostBytes) {
    var number = new AtomicInteger();
    // Not bounded by itself: its entries are, by their bytes.
    var queue = new LinkedBlockingQueue<Runnable>();
    this.threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            queue,
            work ->
                Thread.ofPlatform()
                    .daemon()
                    .name("millrace-deflate-" + number.incrementAndGet())
                    .unstarted(work));
    this.threads.allowCoreThreadTimeOut(true);
    this.above = above;
    this.mostBytes = mostBytes;
  }

  boolean isFor(int payloadBytes) {
    return payloadBytes > above;
  }

  /// Does `work`, which must not throw, about so many bytes; returns false if there is no room.
  boolean run(int bytes, Runnable work) {
    if (waiting.addAndGet(bytes) > mostBytes) {
      waiting.addAndGet(-bytes);
      return false;
    }
    try {
      threads.execute(
          () -> {
            waiting.addAndGet(-bytes);
            work.run();
          });
      return true;
    } catch (RejectedExecutionException closed) {
      waiting.addAndGet(-bytes);
      return false; // the frame leaves as it is
    }
  }

  /// Takes nothing more; what waits is still done.
  @Override
  public void close() {
    threads.shutdown();
  }
}
