package dev.millrace.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The patterns that sessions of one loop are subscribed to, each with the topics it stands for: a
/// topic is matched once when the first message is published on it, a pattern once when its first
/// session asks for it. Confined to the loop, but for [#isEmpty()].
final class PatternTable {
  /// A pattern and who asked for it.
  private static final class Interest {
    final TopicPattern pattern;
    final Set<String> topics = new LinkedHashSet<>();
    final Set<PatternWish> wishes = new LinkedHashSet<>();
    private int awaited = 2; // the search for its topics, and the broker
    @Nullable Set<PatternWish> waiting = new LinkedHashSet<>(); // for both; null when they are done

    Interest(String pattern) {
      this.pattern = TopicPattern.of(pattern);
    }

    /// One of the two is done; with the second, whoever waited is answered.
    void ready() {
      if (--awaited > 0) {
        return;
      }
      var answered = waiting;
      waiting = null;
      if (answered != null) {
        answered.forEach(PatternWish::heard);
      }
    }
  }

  private final Hub hub;
  private final HubShard shard;
  private final int patternLimit;
  private final int matchLimit;
  private final Counters counters;
  private final Map<String, Interest> interests = new HashMap<>();
  private int matches; // subscriptions that patterns made

  // Read by the loops that own topics. Written by this loop before it looks for topics, so that a
  // topic which appears meanwhile is seen by one of the two.
  private volatile boolean empty = true;

  PatternTable(Hub hub, HubShard shard, HubSpec spec, Counters counters) {
    this.hub = hub;
    this.shard = shard;
    this.patternLimit = spec.delivery().maxPatterns();
    this.matchLimit = spec.delivery().maxMatches();
    this.counters = counters;
  }

  /// Any loop.
  boolean isEmpty() {
    return empty;
  }

  /// Returns false if there are too many patterns. Else the wish is [PatternWish#heard], now or
  /// when the topics are found that it stands for and the broker hears what is published elsewhere.
  boolean add(PatternWish wish) {
    var known = interests.get(wish.name());
    if (known == null && interests.size() >= patternLimit) {
      return false;
    }
    var interest = known == null ? new Interest(wish.name()) : known;
    interest.wishes.add(wish);
    if (interest.waiting == null) {
      wish.heard();
      return true;
    }
    interest.waiting.add(wish);
    if (known == null) {
      interests.put(wish.name(), interest);
      empty = false;
      follow(wish.name(), interest);
      hub.news().search(shard, interest.pattern, interest.wishes, interest.topics, interest::ready);
    }
    return true;
  }

  private void follow(String name, Interest interest) {
    var hearing = hub.broker().followPattern(name);
    if (hearing == null) {
      interest.ready();
    } else {
      var _ = hearing.whenComplete((heard, why) -> shard.run(interest::ready));
    }
  }

  void remove(PatternWish wish) {
    var interest = interests.get(wish.name());
    if (interest == null || !interest.wishes.remove(wish)) {
      return;
    }
    if (interest.waiting != null) {
      interest.waiting.remove(wish);
    }
    if (interest.wishes.isEmpty()) {
      interests.remove(wish.name());
      hub.broker().unfollowPattern(wish.name());
      empty = interests.isEmpty();
    }
  }

  /// Subscribes to the topics that are there.
  void begin(PatternWish wish) {
    for (var topic : matches(wish)) {
      wish.session().subscriptions().matched(wish, topic);
    }
  }

  List<String> matches(PatternWish wish) {
    var interest = interests.get(wish.name());
    return interest == null ? List.of() : List.copyOf(interest.topics);
  }

  boolean isMatch(PatternWish wish, String topic) {
    var interest = interests.get(wish.name());
    return interest != null && interest.topics.contains(topic);
  }

  /// Messages are going to be published on a topic.
  void appeared(String topic) {
    var matched = new ArrayList<PatternWish>(); // first, for what is told may ask for more
    for (var interest : interests.values()) {
      if (interest.pattern.matches(topic) && interest.topics.add(topic)) {
        matched.addAll(interest.wishes);
      }
    }
    for (var wish : matched) {
      if (wish.isActive()) {
        wish.session().subscriptions().matched(wish, topic);
      }
    }
  }

  /// The topic is to be forgotten unless somebody asked for it by its name.
  void gone(String topic) {
    for (var interest : interests.values()) {
      if (interest.topics.remove(topic)) {
        for (var wish : interest.wishes) {
          wish.session().subscriptions().gone(topic);
        }
      }
    }
  }

  /// A subscription is to be made for a match; false if there are too many.
  boolean made() {
    if (matches >= matchLimit) {
      counters.unmatched.inc();
      return false;
    }
    matches++;
    return true;
  }

  void unmade() {
    matches--;
  }
}
