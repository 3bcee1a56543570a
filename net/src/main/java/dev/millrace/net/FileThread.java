package dev.millrace.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that touches files for the loops, `millrace-files`: a disk may take its time, a
/// loop may not. It is there while there is work. Safe from any thread.
public final class FileThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FileThread.class);

  /// Each file on its way has one piece of work here at most, so this is room for more files than
  /// any sensible limit.
  private static final int MAX_WAITING = 4_096;

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor thread;
  private final AtomicInteger files = new AtomicInteger(); // every loop counts

  FileThread() {
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            work -> Thread.ofPlatform().name("millrace-files").daemon().unstarted(work));
    thread.allowCoreThreadTimeOut(true);
  }

  /// Counts one more file as on its way, unless there are `limit` already.
  public boolean admit(int limit) {
    if (files.incrementAndGet() <= limit) {
      return true;
    }
    files.decrementAndGet();
    return false;
  }

  /// Counts an admitted file out.
  public void leave() {
    files.decrementAndGet();
  }

  /// Files on their way.
  public int onTheirWay() {
    return files.get();
  }

  /// Does `work` on the thread, in the order of calls.
  ///
  /// @throws RejectedExecutionException if the loops have stopped, or far too much waits
  public void run(Runnable work) {
    thread.execute(work);
  }

  /// Deletes a file that nobody needs any more; when the thread takes nothing, on the caller's.
  public void delete(Path file) {
    try {
      run(() -> deleteNow(file));
    } catch (RejectedExecutionException full) {
      log.debug("The file thread takes nothing; {} is deleted here", file, full);
      deleteNow(file);
    }
  }

  /// Does what waits and ends; returns after 5 s at the latest.
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("A disk has not answered for 5 s; temporary files may be left");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /// Deletes `file` on the calling thread, which may wait for a disk.
  public static void deleteNow(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      log.warn("The temporary file {} could not be deleted; delete it by hand", file, failure);
    }
  }
}
