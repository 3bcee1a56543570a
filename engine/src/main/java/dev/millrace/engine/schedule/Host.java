package dev.millrace.engine.schedule;

/// Where tasks run: the shared run queue, or one thread for one task.
public sealed interface Host permits RunQueue, OwnThread {

  /// Has `task`, which has just become runnable, run soon. Any thread.
  void submit(Task task);
}
