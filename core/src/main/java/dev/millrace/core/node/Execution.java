package dev.millrace.core.node;

/// On what kind of thread a node runs. Whatever the kind, one thread at a time.
public enum Execution {
  /// On a shared engine worker, in turns; must not block, sleep or enter native code that may.
  INLINE,
  /// On a virtual thread of its own, for nodes that wait on a peer; every wait has a deadline.
  WAITING,
  /// On a named platform thread of its own, for native code, files and child pipes.
  NATIVE
}
