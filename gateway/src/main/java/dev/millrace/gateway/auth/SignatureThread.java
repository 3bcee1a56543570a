package dev.millrace.gateway.auth;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The one thread that checks signatures of key pairs for the loops, `millrace-verify`: one costs
/// up to a fraction of a millisecond, and whoever likes may send any number. It is there while
/// there is work. Safe from any thread.
final class SignatureThread implements Executor, AutoCloseable {
  /// What is done in about a quarter of a second; who comes when so many wait is turned away.
  static final int MOST_WAITING = 1_024;

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          work -> Thread.ofPlatform().name("millrace-verify").daemon().unstarted(work));

  SignatureThread() {
    thread.allowCoreThreadTimeOut(true);
  }

  /// Has the thread do `check`.
  ///
  /// @throws RejectedExecutionException if too many wait already, or after closing
  @Override
  public void execute(Runnable check) {
    thread.execute(check);
  }

  /// Takes nothing more; what waits is still done.
  @Override
  public void close() {
    thread.shutdown();
  }
}
