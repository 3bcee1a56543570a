package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.hub.Receipt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// The topics that this instance hears of from Redis: those its hub knows, and for a while those it
/// publishes on. With streams a topic begins with what it keeps. Confined to the broker's thread,
/// but for what says otherwise.
final class Interests {
  private static final int ASKED_AT_ONCE = 256;
  private static final int MOST_IDLE = 10_000;
  private static final long IDLE_NANOS = Duration.ofSeconds(60).toNanos();

  private enum State {
    NEW,
    ASKED,
    BEGINNING,
    HEARD
  }

  private static final class Interest {
    final String topic;
    State state = State.NEW;
    boolean held; // the hub knows the topic
    List<CompletableFuture<Receipt>> waiting = List.of();

    Interest(String topic) {
      this.topic = topic;
    }
  }

  /// What the hub said last of a topic.
  private record Wish(boolean held, @Nullable CompletableFuture<Receipt> heard) {}

  private record Asked(List<Interest> interests, long deadlineNanos) {}

  // The last wish by topic, and the topics that have one. Any thread adds, the broker's takes.
  private final Map<String, Wish> wishes = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> wished = new ConcurrentLinkedQueue<>();
  // Added by a thread of the client, as many as were asked for; taken by the broker's.
  private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();

  private final Map<String, Interest> interests = new HashMap<>();
  private final ArrayDeque<Interest> fresh = new ArrayDeque<>();
  private final ArrayDeque<Asked> asked = new ArrayDeque<>();
  private final Set<Interest> waitedFor = new LinkedHashSet<>();
  private final LinkedHashMap<String, Long> idle = new LinkedHashMap<>(); // since when
  private final String prefix;
  private final @Nullable StreamTracker streams;
  private final ToIntFunction<String> keeps;
  private final LocalDelivery local;
  private final long timeoutNanos;
  private volatile int followed; // written by the broker's thread; statistics read it

  /// `prefix` makes a channel of a topic; `streams`, if any, has what was published before, of
  /// which a topic `keeps` so many messages.
  Interests(
      String prefix,
      @Nullable StreamTracker streams,
      ToIntFunction<String> keeps,
      LocalDelivery local,
      long timeoutNanos,
      Metrics metrics) {
    this.prefix = prefix;
    this.streams = streams;
    this.keeps = keeps;
    this.local = local;
    this.timeoutNanos = timeoutNanos;
    metrics.gauge(BrokerMetric.FOLLOWED, () -> followed);
  }

  /// The hub knows a topic. The stage completes in the order of deliveries, or at once and with a
  /// failure while Redis is away. Any thread.
  CompletableFuture<Receipt> follow(String topic) {
    var heard = new CompletableFuture<Receipt>();
    give(topic, new Wish(true, heard));
    return heard;
  }

  /// The hub does not know the topic any more. Any thread.
  void unfollow(String topic) {
    give(topic, new Wish(false, null));
  }

  private void give(String topic, Wish wish) {
    var before = wishes.put(topic, wish);
    if (before == null) {
      wished.add(topic);
    } else if (before.heard != null) {
      before.heard.cancel(false);
    }
  }

  /// Redis hears us on a channel. Called on a thread of the client.
  void answered(String channel) {
    answers.add(channel);
  }

  /// Any thread.
  boolean hasWork() {
    return !wished.isEmpty() || !answers.isEmpty();
  }

  /// Whether what is published on the topic now will come back. If not, that is asked for.
  boolean isHeard(String topic, long now) {
    var interest = of(topic);
    if (!interest.held) {
      idle.putLast(topic, now);
    }
    return interest.state == State.HEARD;
  }

  /// Asks for what is wanted; true if it asked. `away`: Redis is not there, so nobody shall wait.
  boolean step(@Nullable Link link, boolean away, long now) {
    takeWishes(now);
    if (away) {
      release();
    }
    for (var channel = answers.poll(); channel != null; channel = answers.poll()) {
      if (channel.startsWith(prefix)) {
        answered(interests.get(channel.substring(prefix.length())));
      }
    }
    if (link == null) {
      return false;
    }
    boolean worked = ask(link, now);
    giveUpIdle(link, now);
    for (var first = asked.peek(); first != null; first = asked.peek()) {
      if (first.interests.stream().noneMatch(one -> one.state == State.ASKED)) {
        asked.remove();
      } else if (now - first.deadlineNanos >= 0) {
        link.close(); // nothing comes through; a new connection may
        break;
      } else {
        break;
      }
    }
    return worked;
  }

  /// Whatever was asked for is asked for anew over the next connection.
  void linkWent() {
    release();
    asked.clear();
    answers.clear();
    fresh.clear();
    for (var interest : interests.values()) {
      interest.state = State.NEW;
      fresh.add(interest);
    }
  }

  private void takeWishes(long now) {
    for (var topic = wished.poll(); topic != null; topic = wished.poll()) {
      var wish = wishes.remove(topic);
      if (wish == null) {
        continue;
      }
      var interest = of(topic);
      interest.held = wish.held;
      if (wish.held) {
        idle.remove(topic);
      } else {
        idle.putLast(topic, now);
      }
      if (wish.heard != null) {
        await(interest, wish.heard);
      }
    }
  }

  private void await(Interest interest, CompletableFuture<Receipt> heard) {
    if (interest.state == State.HEARD) {
      local.settle(interest.topic, null, heard);
      return;
    }
    if (interest.waiting.isEmpty()) {
      interest.waiting = new ArrayList<>(1);
      waitedFor.add(interest);
    }
    interest.waiting.add(heard);
  }

  private Interest of(String topic) {
    var known = interests.get(topic);
    if (known == null) {
      known = new Interest(topic);
      interests.put(topic, known);
      fresh.add(known);
      followed = interests.size();
    }
    return known;
  }

  private boolean ask(Link link, long now) {
    if (fresh.isEmpty()) {
      return false;
    }
    List<Interest> batch = new ArrayList<>();
    while (batch.size() < ASKED_AT_ONCE && !fresh.isEmpty()) {
      var next = fresh.remove();
      if (interests.get(next.topic) == next) {
        next.state = State.ASKED;
        batch.add(next);
      }
    }
    if (!batch.isEmpty()) {
      link.subscribe(batch.stream().map(one -> prefix + one.topic).toList());
      asked.add(new Asked(batch, now + timeoutNanos));
    }
    return true;
  }

  private void answered(@Nullable Interest interest) {
    if (interest == null || interest.state != State.ASKED) {
      return;
    }
    if (streams == null) {
      heard(interest);
    } else if (streams.knows(interest.topic)) {
      streams.readOn(interest.topic);
      heard(interest);
    } else {
      interest.state = State.BEGINNING;
      // Whoever was let in while Redis was away is not to be sent what was before.
      boolean nobodyThere = !interest.held || !interest.waiting.isEmpty();
      int past = nobodyThere ? keeps.applyAsInt(interest.topic) : 0;
      streams.begin(interest.topic, past, () -> heard(interest));
    }
  }

  private void heard(Interest interest) {
    interest.state = State.HEARD;
    for (var waiting : interest.waiting) {
      local.settle(interest.topic, null, waiting);
    }
    interest.waiting = List.of();
    waitedFor.remove(interest);
  }

  private void release() {
    for (var interest : waitedFor) {
      for (var waiting : interest.waiting) {
        waiting.completeExceptionally(new IllegalStateException("Redis is away"));
      }
      interest.waiting = List.of();
    }
    waitedFor.clear();
  }

  private void giveUpIdle(Link link, long now) {
    List<String> channels = new ArrayList<>();
    for (var first = idle.firstEntry();
        first != null && (idle.size() > MOST_IDLE || now - first.getValue() > IDLE_NANOS);
        first = idle.firstEntry()) {
      var topic = first.getKey();
      idle.remove(topic);
      interests.remove(topic);
      if (streams != null) {
        streams.forget(topic);
      }
      channels.add(prefix + topic);
    }
    if (!channels.isEmpty()) {
      followed = interests.size();
      link.unsubscribe(channels);
    }
  }
}
