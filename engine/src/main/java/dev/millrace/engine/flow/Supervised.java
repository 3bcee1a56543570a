package dev.millrace.engine.flow;

import dev.millrace.engine.schedule.Wakeable;

/// Who runs a supervised stage: is woken when a retry is due, and says how retries are to wait.
interface Supervised extends Wakeable {

  /// Any thread: whether the run is about to end, whatever is left undone.
  boolean isCancelled();

  /// Any thread: whether retries are due at once.
  boolean hurries();

  /// Whether a fresh instance may be opened, which may block, on the thread that runs the stage.
  boolean opensItself();
}
