package dev.millrace.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The queue groups of the topics that one loop owns. Confined to that loop.
final class QueueGroups {
  private record Key(String topic, String name) {}

  private final HubShard shard;
  private final Map<Key, QueueGroup> groups = new HashMap<>();
  private List<QueueGroup> dirty = new ArrayList<>();
  private List<QueueGroup> distributing = new ArrayList<>();

  QueueGroups(HubShard shard) {
    this.shard = shard;
  }

  /// Seats a member, and makes the group if it is the first. A group has one wire form, its first
  /// member's; others make theirs of it.
  void join(GroupMember member, long nowNanos) {
    var key = new Key(member.name(), member.group());
    var group = groups.get(key);
    if (group == null) {
      var lane = shard.topics().lane(member.name(), member.form(), nowNanos);
      if (lane == null) {
        var why = shard.hub().objections().tooManyTopics();
        member.tell(() -> member.refused(why));
        return;
      }
      group = new QueueGroup(shard, lane, member.group());
      groups.put(key, group);
    }
    var form = group.lane().form();
    var reencoder = form.equals(member.form()) ? null : member.form().reencoderOf(form);
    if (reencoder == null && !form.equals(member.form())) {
      member.tell(() -> member.refused("its queue group is served in the form " + form.name()));
      return;
    }
    var joined = group;
    var seat = group.join(member);
    member.tell(() -> member.joined(joined, seat, reencoder));
  }

  void ended(QueueGroup group) {
    groups.remove(new Key(group.lane().topic().name(), group.name()), group);
    if (group.lane().remove(group)) {
      shard.topics().deserted(group.lane());
    }
  }

  void addDirty(QueueGroup group) {
    dirty.add(group);
    shard.scheduleTurn();
  }

  void distribute() {
    if (dirty.isEmpty()) {
      return;
    }
    var batch = dirty;
    dirty = distributing;
    distributing = batch;
    for (var group : batch) {
      group.distribute();
    }
    batch.clear();
  }

  /// Ends the group that holds most bytes; false if none holds any.
  boolean shedOne() {
    @Nullable QueueGroup worst = null;
    for (var group : groups.values()) {
      if (group.lagBytes() > (worst == null ? 0 : worst.lagBytes())) {
        worst = group;
      }
    }
    if (worst == null) {
      return false;
    }
    worst.shed();
    return true;
  }
}
