package dev.millrace.hub;

import java.util.List;
import java.util.Set;

/// Has the loops that have patterns hear of topics: that one is about to be published on, that one
/// is not any more, which are there. Safe from any loop.
record TopicNews(List<HubShard> shards) {
  /// Has a topic that is about to be published on matched by every loop with patterns; by its own
  /// loop at once. No pattern stands for a topic's companion.
  void announce(Topic topic) {
    topic.announced(true);
    if (Companion.isOne(topic.name())) {
      return;
    }
    for (var shard : shards) {
      if (!shard.patterns().isEmpty()) {
        shard.run(() -> shard.patterns().appeared(topic.name()));
      }
    }
  }

  /// Has what only patterns wanted of a topic given up.
  void retire(Topic topic) {
    for (var shard : shards) {
      if (!shard.patterns().isEmpty()) {
        shard.run(() -> shard.patterns().gone(topic.name()));
      }
    }
  }

  /// Has the names of the topics that a new pattern of `asking` stands for added to `found`, and
  /// `done` told then, on that loop; inside this call where there are few topics.
  void search(
      HubShard asking,
      TopicPattern pattern,
      Set<PatternWish> wishes,
      Set<String> found,
      Runnable done) {
    new PatternSearch(asking, shards, pattern, wishes, found, done).run();
  }
}
