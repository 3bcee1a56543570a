package dev.millrace.hub;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/// Looks which topics a new pattern stands for, some of them in each task of the loop that asks, so
/// that among a hundred thousand nobody on that loop waits for long. Topics that appear or go
/// meanwhile are told of besides. Confined to that loop.
final class PatternSearch implements Runnable {
  /// Topics looked at in one task: about a millisecond.
  static final int AT_ONCE = 4_096;

  private final HubShard shard;
  private final TopicPattern pattern;
  private final Set<PatternWish> wishes;
  private final Set<String> found;
  private final Runnable done;
  private final Iterator<HubShard> owners;
  private Iterator<Topic> topics = Collections.emptyIterator();

  /// Adds what it finds to `found`, and tells `done`, unless nobody is left in `wishes` by then.
  PatternSearch(
      HubShard shard,
      List<HubShard> owners,
      TopicPattern pattern,
      Set<PatternWish> wishes,
      Set<String> found,
      Runnable done) {
    this.shard = shard;
    this.pattern = pattern;
    this.wishes = wishes;
    this.found = found;
    this.done = done;
    this.owners = owners.iterator();
  }

  /// Goes on; the first time inside the call that begins it.
  @Override
  public void run() {
    if (wishes.isEmpty()) {
      return;
    }
    for (int open = AT_ONCE; open > 0; open--) {
      while (!topics.hasNext()) {
        if (!owners.hasNext()) {
          done.run();
          return;
        }
        topics = owners.next().topics().all().iterator();
      }
      look(topics.next());
    }
    shard.tell(this);
  }

  private void look(Topic topic) {
    var name = topic.name();
    if (topic.isAnnounced() && !Companion.isOne(name) && pattern.matches(name)) {
      found.add(name);
    }
  }
}
