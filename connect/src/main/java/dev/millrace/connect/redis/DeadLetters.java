package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Dead letters on their way to Redis: at most 1,000 wait in memory, and the oldest go when there
/// is no room. The broker's thread adds and moves them; the lock is for those who look.
final class DeadLetters {
  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
  static final int CAPACITY = 1_000;
  private static final int PIPELINE = 64;
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final ArrayDeque<DeadLetter> ring = new ArrayDeque<>(); // guarded by this
  private final Clock clock;
  private final Metrics metrics;
  private final long timeoutNanos;
  private List<DeadLetter> moving = List.of();
  private List<CompletableFuture<?>> outcomes = List.of();
  private long deadlineNanos;
  private boolean paused; // until `pausedUntilNanos`
  private long pausedUntilNanos;

  DeadLetters(long timeoutNanos, Clock clock, Metrics metrics) {
    this.timeoutNanos = timeoutNanos;
    this.clock = clock;
    this.metrics = metrics;
  }

  void add(Outgoing outgoing, String why) {
    metrics.counter(BrokerMetric.DEAD_LETTERS, "publish_failed").inc();
    var letter =
        new DeadLetter(
            outgoing.key.topic(), outgoing.payload, outgoing.key.id(), why, clock.epochMillis());
    keep(letter);
  }

  private synchronized void keep(DeadLetter letter) {
    if (ring.size() == CAPACITY) {
      ring.removeFirst();
      metrics.counter(BrokerMetric.LOST, "dead_letters_full").inc();
    }
    ring.addLast(letter);
  }

  /// Moves what waits to Redis; true if there may be more at once.
  boolean step(Link link, long now) {
    if (!moving.isEmpty()) {
      boolean done = outcomes.stream().allMatch(CompletableFuture::isDone);
      if (!done && now - deadlineNanos < 0) {
        return false;
      }
      settle(now);
      return true;
    }
    paused = paused && now - pausedUntilNanos < 0;
    if (paused) {
      return false;
    }
    moving = first();
    if (moving.isEmpty()) {
      return false;
    }
    List<CompletableFuture<?>> sent = new ArrayList<>(moving.size());
    for (var letter : moving) {
      sent.add(link.bury(letter.topic(), letter.bytes()).toCompletableFuture());
    }
    link.flush();
    outcomes = sent;
    deadlineNanos = now + timeoutNanos;
    return true;
  }

  /// Those that were on their way are moved again.
  void linkWent() {
    moving = List.of();
    outcomes = List.of();
  }

  /// How many wait. Any thread.
  synchronized int waiting() {
    return ring.size();
  }

  /// Those that wait, newest first. Any thread.
  synchronized List<DeadLetter> all() {
    return List.copyOf(ring.reversed());
  }

  /// How many wait by topic, of the `most` topics that have most, these first. Any thread.
  synchronized SequencedMap<String, Integer> byTopic(int most) {
    var counts = new HashMap<String, Integer>();
    ring.forEach(letter -> counts.merge(letter.topic(), 1, Integer::sum));
    var largest = new LinkedHashMap<String, Integer>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(most)
        .forEach(topic -> largest.put(topic.getKey(), topic.getValue()));
    return largest;
  }

  private synchronized List<DeadLetter> first() {
    return ring.stream().limit(PIPELINE).toList();
  }

  private synchronized void settle(long now) {
    boolean failed = false;
    for (int i = 0; i < moving.size(); i++) {
      var outcome = outcomes.get(i);
      if (outcome.isDone() && !outcome.isCompletedExceptionally()) {
        ring.remove(moving.get(i));
      } else if (!failed) {
        failed = true;
        log.warn(
            "Redis does not take dead letters: {}; they wait here, {} at most",
            outcome.isDone() ? Lifeline.reason(outcome) : "no answer in time",
            CAPACITY);
      }
    }
    if (failed) {
      paused = true;
      pausedUntilNanos = now + AGAIN_NANOS;
    }
    linkWent();
  }
}
