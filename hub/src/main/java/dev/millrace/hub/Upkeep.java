package dev.millrace.hub;

/// What one loop does now and then, whether or not anything is published: forgets what is too old,
/// and who is gone. At most one run waits on the loop.
final class Upkeep {
  private final Hub hub;
  private final HubShard shard;
  private final Due due = new Due(); // asked for by the clock

  Upkeep(Hub hub, HubShard shard) {
    this.hub = hub;
    this.shard = shard;
  }

  /// Any thread.
  void request() {
    if (due.request()) {
      shard.tell(this::run);
    }
  }

  private void run() {
    due.begins();
    long nowNanos = hub.clock().nanoTime();
    shard.topics().retained().age(nowNanos);
    shard.presence().sweep(nowNanos);
  }
}
