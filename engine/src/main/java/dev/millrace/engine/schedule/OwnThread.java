package dev.millrace.engine.schedule;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A thread for one task that may block: virtual when it waits on peers, platform when it enters
/// native code. Before the task is launched the same thread runs what [#call] gives it, so that a
/// node meets one thread for its whole life.
public final class OwnThread implements Host {
  private final Thread thread;
  private final AtomicReference<@Nullable FutureTask<?>> call = new AtomicReference<>();

  // Written by the task's first submission, read by the thread.
  private volatile @Nullable Task task;

  private OwnThread(Thread.Builder builder) {
    thread = builder.unstarted(this::serve);
  }

  /// Starts a virtual thread.
  public static OwnThread virtual(String name) {
    return started(new OwnThread(Thread.ofVirtual().name(name)));
  }

  /// Starts a platform thread.
  public static OwnThread platform(String name) {
    return started(new OwnThread(Thread.ofPlatform().name(name).daemon(true)));
  }

  private static OwnThread started(OwnThread own) {
    own.thread.start();
    return own;
  }

  /// Runs `work` on this thread and waits for it. Only before the task is launched.
  ///
  /// @throws Exception whatever `work` threw
  public <T> T call(Callable<T> work) throws Exception {
    var future = new FutureTask<>(work);
    call.set(future);
    LockSupport.unpark(thread);
    try {
      return future.get();
    } catch (ExecutionException failure) {
      switch (failure.getCause()) {
        case Exception exception -> throw exception;
        case Error error -> throw error;
        case null, default -> throw failure;
      }
    }
  }

  @Override
  public void submit(Task submitted) {
    if (task == null) {
      task = submitted;
    }
    LockSupport.unpark(thread);
  }

  /// Interrupts whatever the task is doing.
  public void interrupt() {
    thread.interrupt();
  }

  /// Interrupts the task if it waits for peers. A thread that may be in native code or in a file is
  /// left alone: an interrupt there closes the file.
  public void interruptIfVirtual() {
    if (thread.isVirtual()) {
      thread.interrupt();
    }
  }

  private void serve() {
    while (true) {
      var mine = task;
      var work = call.getAndSet(null);
      if (work != null) {
        work.run();
      } else if (mine != null && mine.queued()) {
        mine.run();
        if (mine.ended()) {
          return;
        }
      } else {
        // An interrupt meant for a call that is over would make every park return at once.
        var _ = Thread.interrupted();
        LockSupport.park(this);
      }
    }
  }
}
