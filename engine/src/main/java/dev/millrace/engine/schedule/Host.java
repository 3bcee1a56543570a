package dev.millrace.engine.schedule;

/// Where tasks run: the shared run queue, at a priority, or one thread for one task.
public sealed interface Host permits RunQueue.Lane, OwnThread {

  /// Has `task`, which has just become runnable, run soon. Any thread.
  void submit(Task task);
}
