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

  /// Adds the names of the topics that a pattern stands for.
  void addAnnounced(TopicPattern pattern, Set<String> names) {
    for (var shard : shards) {
      for (var topic : shard.topics().all()) {
        var name = topic.name();
        if (topic.isAnnounced() && !Companion.isOne(name) && pattern.matches(name)) {
          names.add(name);
        }
      }
    }
  }
}
