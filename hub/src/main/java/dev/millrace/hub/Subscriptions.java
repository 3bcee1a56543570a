package dev.millrace.hub;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What one session asked for, by names and by patterns, and what it gets for it: one subscription
/// per topic, or a place in a queue group. Confined to the session's loop.
final class Subscriptions {
  private final Session session;
  private final HubShard shard;
  private final String surface;
  private final WireForm form;
  private Map<String, Subscription> byTopic = Map.of();
  private Map<String, PatternWish> patterns = Map.of();
  private Map<String, GroupMember> groups = Map.of(); // by topic
  private @Nullable Attendance attendance; // once somebody asked for it
  private int names; // asked for; patterns do not count
  private Predicate<String> admitted = topic -> true; // of what patterns match

  Subscriptions(Session session, HubShard shard, String surface, WireForm form) {
    this.session = session;
    this.shard = shard;
    this.surface = surface;
    this.form = form;
  }

  Attendance identify(String userId) {
    var known = attendance;
    if (known == null) {
      known = new Attendance(session, shard, userId);
      attendance = known;
    }
    return known;
  }

  /// That topic is not given any more: the user is not on it either.
  void lost(String topic) {
    if (attendance != null) {
      attendance.leave(topic);
    }
  }

  Collection<Subscription> all() {
    return byTopic.values();
  }

  boolean hasGroups() {
    return !groups.isEmpty();
  }

  Collection<GroupMember> groups() {
    return groups.values();
  }

  @Nullable Subscription of(String topic) {
    return byTopic.isEmpty() ? null : byTopic.get(topic);
  }

  /// Keeps the memory of what the sections that are `delivering` have written for the session.
  void holdDelivered(List<Section> delivering, List<Chunk> held) {
    if (delivering.size() < byTopic.size()) {
      for (var section : delivering) {
        var subscription = of(section.cohort().topic());
        if (subscription != null && subscription.isSharingIn(section)) {
          section.holdDelivery(held);
        }
      }
      return;
    }
    for (var subscription : byTopic.values()) {
      if (subscription.isSharing()) {
        subscription.section().holdDelivery(held);
      }
    }
  }

  /// Whether messages of the topic come, whatever asked for them.
  boolean isGiven(String topic) {
    return byTopic.containsKey(topic) || groups.containsKey(topic);
  }

  /// The names and patterns asked for.
  Set<String> wanted() {
    var wanted = new HashSet<>(patterns.keySet());
    wanted.addAll(groups.keySet());
    byTopic.forEach(
        (topic, subscription) -> {
          if (subscription.isWantedByName() && !Companion.isOne(topic)) {
            wanted.add(topic);
          }
        });
    return Set.copyOf(wanted);
  }

  void subscribe(List<Wanted> wanted, Consumer<List<SubscribeOutcome>> done) {
    var batch = new SubscribeBatch(wanted.size(), done);
    for (int i = 0; i < wanted.size(); i++) {
      var wish = wanted.get(i);
      var name = wish.topic();
      boolean known = isWanted(name);
      boolean goesBack = comesBack(wish) && wish.queueGroup() == null && byTopic.containsKey(name);
      var objection = objection(wish, known);
      if (known && !goesBack) {
        batch.resolve(i, new SubscribeOutcome.AlreadySubscribed(name), null);
      } else if (objection != null) {
        batch.resolve(i, new SubscribeOutcome.Refused(name, objection), null);
      } else if (TopicPattern.isPattern(name)) {
        subscribePattern(wish, batch, i);
      } else if (wish.queueGroup() != null) {
        joinGroup(wish, wish.queueGroup(), batch, i);
      } else {
        subscribeName(wish, batch, i);
      }
    }
  }

  /// Returns whether the name or pattern was asked for.
  boolean unsubscribe(String name) {
    var pattern = patterns.isEmpty() ? null : patterns.remove(name);
    if (pattern != null) {
      withdraw(pattern);
      return true;
    }
    var member = groups.isEmpty() ? null : groups.remove(name);
    if (member != null) {
      names--;
      member.leave();
      wantByPatterns(name);
      return true;
    }
    var subscription = of(name);
    if (subscription == null || !subscription.isWantedByName()) {
      return false;
    }
    names--;
    subscription.unwant();
    settle(subscription);
    return true;
  }

  /// Patterns give only what `newAdmitted` admits; what they gave and it does not ends.
  void admit(Predicate<String> newAdmitted) {
    admitted = newAdmitted;
    for (var subscription : List.copyOf(byTopic.values())) {
      if (!subscription.isWantedByName() && !newAdmitted.test(subscription.name())) {
        drop(subscription);
      }
    }
    for (var pattern : List.copyOf(patterns.values())) {
      if (pattern.isActive()) {
        shard.patterns().matches(pattern).forEach(topic -> matched(pattern, topic));
      }
    }
  }

  /// The subscription was turned away.
  void forget(Subscription subscription) {
    if (byTopic.remove(subscription.name(), subscription)) {
      names -= subscription.isWantedByName() ? 1 : 0;
      if (subscription.isMadeByPattern()) {
        shard.patterns().unmade();
      }
      lost(subscription.name());
    }
  }

  void forget(GroupMember member) {
    if (groups.remove(member.name(), member)) {
      names--;
      lost(member.name());
      wantByPatterns(member.name());
    }
  }

  void cancelAll() {
    for (var pattern : List.copyOf(patterns.values())) {
      shard.patterns().remove(pattern);
    }
    for (var subscription : List.copyOf(byTopic.values())) {
      cancel(subscription);
    }
    for (var member : List.copyOf(groups.values())) {
      member.leave();
    }
    patterns = Map.of();
    byTopic = Map.of();
    groups = Map.of();
    names = 0;
    if (attendance != null) {
      attendance.leaveAll();
    }
  }

  // Names.

  private void subscribeName(Wanted wish, SubscribeBatch batch, int number) {
    var known = of(wish.topic());
    if (known != null && comesBack(wish)) {
      goBack(known, wish, batch, number);
      return;
    }
    names++;
    if (known != null && known.isAdmitted()) {
      known.want(wish, null, number);
      batch.resolve(number, new SubscribeOutcome.Subscribed(wish.topic()), known);
    } else if (known != null) {
      known.want(wish, batch, number);
    } else {
      var subscription = enter(wish.topic(), formFor(wish, wish.topic()));
      subscription.want(wish, batch, number);
      subscription.cohort().join(subscription);
    }
  }

  /// Whether the client has had messages of the topic. Whoever only wants to know where it begins
  /// does not make a subscription begin anew.
  private static boolean comesBack(Wanted wish) {
    return wish.position() != null && !wish.position().equals(Position.NONE);
  }

  /// In which form the session gets `topic` for a wish. Stamps stand where every message comes, and
  /// only for who asked for the topic itself: nobody comes back to a pattern.
  private WireForm formFor(Wanted wish, String topic) {
    var settings = shard.hub().settings(topic);
    if (wish.filter() != null || wish.conflateMillis() > 0 || settings.conflateMillis() > 0) {
      return form;
    }
    boolean byName = wish.topic().equals(topic);
    return byName && settings.retention() != null ? form.stamped() : form;
  }

  /// Begins anew at the position, also for the patterns that match the topic.
  private void goBack(Subscription known, Wanted wish, SubscribeBatch batch, int number) {
    names += known.isWantedByName() ? 0 : 1;
    var subscription = renewed(known, formFor(wish, wish.topic()));
    subscription.want(wish, batch, number);
    subscription.cohort().join(subscription);
  }

  /// One that is still to join, for the same patterns.
  private Subscription renewed(Subscription known, WireForm newForm) {
    var byPattern = known.byPattern();
    known.cancel();
    var subscription = enter(known.name(), newForm);
    if (known.isMadeByPattern()) {
      subscription.madeByPattern();
    }
    byPattern.forEach(subscription::wantByPattern);
    return subscription;
  }

  /// Gives the topic on which a topic's comings and goings are told.
  void follow(String companion) {
    if (!byTopic.containsKey(companion)) {
      subscribeName(Wanted.all(companion), new SubscribeBatch(1, outcomes -> {}), 0);
    }
  }

  private Subscription enter(String topic, WireForm itsForm) {
    var subscription = new Subscription(session, shard.cohort(topic, itsForm));
    if (byTopic.isEmpty()) {
      byTopic = new HashMap<>(4);
    }
    byTopic.put(topic, subscription);
    return subscription;
  }

  /// Something that wanted the subscription is gone. What is left may want a part of what had to be
  /// whole; then it begins anew at the topic's end, without stamps.
  private void settle(Subscription subscription) {
    if (!subscription.isWanted()) {
      drop(subscription);
    } else if (subscription.selects() && !subscription.cohort().form().equals(form)) {
      var asked = subscription.handOver();
      var renewed = renewed(subscription, form);
      if (asked != null) {
        renewed.want(asked.wanted(), asked.batch(), asked.number());
      }
      renewed.cohort().join(renewed);
    }
  }

  private void drop(Subscription subscription) {
    byTopic.remove(subscription.name());
    cancel(subscription);
    lost(subscription.name());
  }

  private void cancel(Subscription subscription) {
    if (subscription.isMadeByPattern()) {
      shard.patterns().unmade();
    }
    subscription.cancel();
  }

  // Queue groups.

  private void joinGroup(Wanted wish, String group, SubscribeBatch batch, int number) {
    var gets = of(wish.topic());
    if (gets != null) {
      // The patterns' subscription would give it every message besides.
      byTopic.remove(wish.topic());
      cancel(gets);
    }
    names++;
    var member = new GroupMember(session, shard, wish.topic(), group, form, batch, number);
    if (groups.isEmpty()) {
      groups = new HashMap<>(4);
    }
    groups.put(wish.topic(), member);
    member.join();
  }

  // Patterns.

  private void subscribePattern(Wanted wish, SubscribeBatch batch, int number) {
    var pattern = new PatternWish(session, wish, batch, number);
    if (patterns.isEmpty()) {
      patterns = new HashMap<>(4);
    }
    patterns.put(wish.topic(), pattern); // before: it may be answered at once
    if (!shard.patterns().add(pattern)) {
      patterns.remove(wish.topic());
      var limit = shard.spec().delivery().maxPatterns();
      batch.resolve(
          number,
          new SubscribeOutcome.Refused(
              wish.topic(), "the server has " + limit + " patterns already"),
          null);
    }
  }

  private void withdraw(PatternWish pattern) {
    var topics = shard.patterns().matches(pattern);
    shard.patterns().remove(pattern);
    pattern.withdraw();
    for (var topic : topics) {
      var subscription = of(topic);
      if (subscription != null && subscription.unwantByPattern(pattern.wanted())) {
        settle(subscription);
      }
    }
  }

  /// A topic that one of its patterns stands for is there.
  void matched(PatternWish pattern, String topic) {
    if (groups.containsKey(topic)) {
      return; // it has its share of the messages
    }
    var known = of(topic);
    if (known != null) {
      if (!known.byPattern().contains(pattern.wanted())) {
        known.wantByPattern(pattern.wanted());
      }
    } else if (admitted.test(topic)
        && shard.hub().objections().toAudience(topic, surface) == null
        && shard.patterns().made()) {
      var subscription = enter(topic, formFor(pattern.wanted(), topic));
      subscription.madeByPattern();
      subscription.wantByPattern(pattern.wanted());
      subscription.cohort().join(subscription);
    }
  }

  /// Nothing is published on a topic any more: what only patterns wanted of it ends.
  void gone(String topic) {
    var subscription = of(topic);
    if (subscription != null && !subscription.isWantedByName()) {
      drop(subscription);
    }
  }

  private void wantByPatterns(String topic) {
    for (var pattern : patterns.values()) {
      if (pattern.isActive() && shard.patterns().isMatch(pattern, topic)) {
        matched(pattern, topic);
      }
    }
  }

  // Limits.

  private boolean isWanted(String name) {
    var subscription = of(name);
    return patterns.containsKey(name)
        || groups.containsKey(name)
        || (subscription != null && subscription.isWantedByName());
  }

  private @Nullable String objection(Wanted wish, boolean known) {
    if (session.isClosed()) {
      return "the session is closed";
    }
    int limit = shard.spec().maxSubscriptions();
    return !known && names + patterns.size() >= limit
        ? "at most " + limit + " topics per connection"
        : shard.hub().objections().to(wish, surface);
  }
}
