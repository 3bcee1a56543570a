package dev.millrace.hub;

import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Conflating subscriptions of one loop that have something before them and wait for their time, at
/// most once each. One timer runs, for the first of them. Confined to the loop, but for the timer.
final class HeldBack {
  /// Places of subscriptions that are gone which stay until their time.
  private static final int MAX_FORGOTTEN = 64;

  private static final Logger log = LoggerFactory.getLogger(HeldBack.class);

  private record Waiting(Subscription subscription, Conflation conflation, long untilNanos) {}

  private final HubLoop loop;
  private final Clock clock;
  private final PriorityQueue<Waiting> queue;
  private int forgotten; // of those in the queue
  private Clock.@Nullable Timer timer;
  private long timerNanos;

  HeldBack(HubLoop loop, Clock clock) {
    this.loop = loop;
    this.clock = clock;
    long origin = clock.nanoTime();
    this.queue = new PriorityQueue<>(Comparator.comparingLong(w -> w.untilNanos() - origin));
  }

  /// Wakes the subscription's session when its conflation lets it go on.
  void add(Subscription subscription, Conflation conflation) {
    if (conflation.isQueued()) {
      return;
    }
    conflation.queued(true);
    queue.add(new Waiting(subscription, conflation, conflation.heldUntilNanos()));
    arm();
  }

  /// Nobody waits for it any more. Its place goes with others', so that who comes and goes does not
  /// fill the queue.
  void forget(@Nullable Conflation conflation) {
    if (conflation == null || !conflation.isQueued()) {
      return;
    }
    conflation.queued(false);
    if (++forgotten > Math.max(MAX_FORGOTTEN, queue.size() / 2)) {
      queue.removeIf(waiting -> !waiting.conflation().isQueued());
      forgotten = 0;
    }
  }

  /// Places that are taken.
  int size() {
    return queue.size();
  }

  private void arm() {
    var first = queue.peek();
    if (first == null || (timer != null && timerNanos - first.untilNanos() <= 0)) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    timerNanos = first.untilNanos();
    long delay = Math.max(0, timerNanos - clock.nanoTime());
    timer = clock.after(Duration.ofNanos(delay), this::due);
  }

  private void due() {
    try {
      loop.execute(this::wake);
    } catch (RejectedExecutionException ended) {
      log.debug("A loop has ended before its conflating subscriptions were due", ended);
    }
  }

  private void wake() {
    timer = null;
    long now = clock.nanoTime();
    for (var first = queue.peek(); first != null && first.untilNanos() - now <= 0; ) {
      queue.remove();
      if (first.conflation().isQueued()) {
        first.conflation().queued(false);
        first.subscription().heldNoMore();
      } else {
        forgotten--;
      }
      first = queue.peek();
    }
    arm();
  }
}
