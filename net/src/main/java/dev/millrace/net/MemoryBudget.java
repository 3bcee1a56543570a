package dev.millrace.net;

import java.util.concurrent.atomic.AtomicLong;

/// Bytes that all connections together may hold of input that is not complete yet. Safe from any
/// thread; asked once per growth of a buffer, never per message.
public final class MemoryBudget {
  private volatile long limitBytes; // written when the configuration changes
  private final AtomicLong usedBytes = new AtomicLong(); // every loop adds and takes away

  public MemoryBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// Sets another limit. What is held beyond it stays; nothing more is given until it is less.
  public void limit(long bytes) {
    limitBytes = bytes;
  }

  /// Takes `bytes`, or nothing when they are not there.
  public boolean reserve(long bytes) {
    if (usedBytes.addAndGet(bytes) <= limitBytes) {
      return true;
    }
    usedBytes.addAndGet(-bytes);
    return false;
  }

  /// Gives back what [#reserve] took.
  public void release(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  public long usedBytes() {
    return usedBytes.get();
  }
}
