package dev.millrace.hub;

/// One event loop, as the hub sees it: a thread that runs tasks one after another, in the order
/// they were handed in, after the sockets that were ready.
public interface HubLoop {
  /// Runs `task` on the loop later, never inside this call. Safe from any thread.
  void execute(Runnable task);

  /// Runs `task` on the loop later, after the sockets that are ready by then have been read. On the
  /// loop only. A loop without sockets need not tell the two apart.
  default void executeAfterReads(Runnable task) {
    execute(task);
  }

  /// Whether the caller is the loop.
  boolean inLoop();
}
