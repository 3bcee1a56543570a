package dev.millrace.hub;

/// What one loop does when the hub's memory runs out: gives up what topics have kept, a piece of
/// the largest at a time; when none is left anywhere, closes the session that holds most back, or
/// the queue group.
/// Confined to the loop.
final class MemoryRelief {
  private final Hub hub;
  private final HubShard shard;
  private final RetainedLogs retained;
  private final LagWatch laggards;
  private final QueueGroups groups;
  private final Due keptWanted = new Due(); // both asked for by other loops
  private final Due roomWanted = new Due();

  MemoryRelief(
      Hub hub, HubShard shard, RetainedLogs retained, LagWatch laggards, QueueGroups groups) {
    this.hub = hub;
    this.shard = shard;
    this.retained = retained;
    this.laggards = laggards;
    this.groups = groups;
  }

  /// Whether there is room now; false asks for another turn, after which there may be.
  boolean makeRoom() {
    while (hub.budget().overdrawn()) {
      var relief = retained.giveUpOldest();
      if (relief == RetainedLogs.Relief.SOON) {
        return false;
      }
      if (relief == RetainedLogs.Relief.NONE) {
        if (hub.askForKept(shard)) {
          return false;
        }
        if (!shedHere()) {
          hub.shedElsewhere(shard);
          return false;
        }
      }
    }
    return true;
  }

  /// Another loop is short of memory and has nothing of its own to give up. Any loop.
  void askForKept() {
    if (keptWanted.request()) {
      shard.tell(this::giveUpKept);
    }
  }

  /// Another loop is short of memory, and no loop keeps anything. Any loop.
  void askForRoom() {
    if (roomWanted.request()) {
      shard.tell(this::shedOne);
    }
  }

  private void giveUpKept() {
    keptWanted.begins();
    if (hub.budget().overdrawn()) {
      retained.giveUpOldest();
    }
  }

  private void shedOne() {
    roomWanted.begins();
    if (hub.budget().overdrawn()) {
      shedHere();
    }
  }

  private boolean shedHere() {
    return laggards.shedOne() || groups.shedOne();
  }
}
