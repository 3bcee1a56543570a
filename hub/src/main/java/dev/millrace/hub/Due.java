package dev.millrace.hub;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/// Whether a task that does all there is to do has been handed to a loop and has not begun: it is
/// handed over once, however many ask for it. Any thread.
final class Due {
  private final AtomicBoolean due = new AtomicBoolean(); // set by who asks, cleared by the task

  /// Returns whether the caller has to hand the task over. If not, one will begin that sees all
  /// the caller has done before.
  boolean request() {
    // Without it the caller could find the task of before due, which has begun by the time others
    // see what it was asked for.
    VarHandle.fullFence();
    // Looked at first: while much is asked for, the line of memory stays shared.
    return !due.get() && due.compareAndSet(false, true);
  }

  /// The first thing the task does, so that whoever asks from here on gets another one.
  void begins() {
    due.set(false);
    VarHandle.fullFence();
  }
}
