package dev.millrace.hub;

import java.util.concurrent.atomic.AtomicBoolean;

/// What one loop does now and then, whether or not anything is published: forgets what is too old,
/// and who is gone. At most one run waits on the loop.
final class Upkeep {
  private final Hub hub;
  private final HubShard shard;
  private final AtomicBoolean due = new AtomicBoolean(); // set by the clock, cleared by the loop

  Upkeep(Hub hub, HubShard shard) {
    this.hub = hub;
    this.shard = shard;
  }

  /// Any thread.
  void request() {
    if (due.compareAndSet(false, true)) {
      shard.tell(this::run);
    }
  }

  private void run() {
    due.set(false);
    long nowNanos = hub.clock().nanoTime();
    shard.topics().retained().age(nowNanos);
    shard.presence().sweep(nowNanos);
  }
}
