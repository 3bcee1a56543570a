package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps Redis connected: when to try, when to wait. Confined to the broker's thread, but for
/// [#link] and [#trouble].
final class Lifeline {
  private static final Logger log = LoggerFactory.getLogger(Lifeline.class);

  private sealed interface State {
    record Waiting(long dueNanos) implements State {}

    record Dialing(CompletableFuture<Link> outcome, long deadlineNanos) implements State {}

    record Up(Link link) implements State {}
  }

  private final Link.Dialer dialer;
  private final Link.Receiver receiver;
  private final long timeoutNanos;
  private final Breaker breaker;
  private final ReconnectPace pace;
  private final Metrics metrics;
  private State state = new State.Waiting(Long.MIN_VALUE);
  private boolean tried;

  // Written by the broker's thread.
  private volatile @Nullable Link link;
  private volatile @Nullable String trouble;
  private volatile long dueNanos; // when it is tried again; 0 while it is up or being tried

  /// `timeoutNanos`: two connections are made, one after the other, and each may take as long as
  /// the configuration allows.
  Lifeline(
      Link.Dialer dialer,
      Link.Receiver receiver,
      long timeoutNanos,
      Breaker breaker,
      RandomGenerator random,
      Metrics metrics) {
    this.dialer = dialer;
    this.receiver = receiver;
    this.timeoutNanos = timeoutNanos;
    this.breaker = breaker;
    this.pace = new ReconnectPace(random);
    this.metrics = metrics;
  }

  /// The connection while there is one. Any thread; what it is given may have ended already.
  @Nullable Link link() {
    return link;
  }

  /// Why there is no connection, null while there is one or the first attempt is under way.
  @Nullable String trouble() {
    return trouble;
  }

  /// Nanoseconds until it is tried again, null when it is up or being tried. Any thread.
  @Nullable Long retryNanos(long now) {
    long due = dueNanos;
    return due == 0 ? null : Math.max(0, due - now);
  }

  /// Whether the first attempt has ended, so that the absence of a connection means an outage.
  boolean tried() {
    return tried;
  }

  enum Change {
    NONE,
    CAME,
    WENT
  }

  /// Does what is due.
  Change step(long now) {
    return switch (state) {
      case State.Waiting(long due) -> {
        if (due == Long.MIN_VALUE || (now - due >= 0 && breaker.permits(now))) {
          dial(now);
        }
        yield Change.NONE;
      }
      case State.Dialing dialing -> arrived(dialing, now);
      case State.Up(var open) -> {
        if (open.isOpen()) {
          yield Change.NONE;
        }
        wait("the connection to Redis ended", now);
        yield Change.WENT;
      }
    };
  }

  /// Gives up a connection over which nothing comes through. The next step says that it went.
  void drop() {
    if (state instanceof State.Up(var open)) {
      open.close();
    }
  }

  void close() {
    switch (state) {
      case State.Waiting waiting -> {}
      case State.Dialing(var outcome, long deadline) -> closeLate(outcome);
      case State.Up(var open) -> open.close();
    }
    link = null;
  }

  private void dial(long now) {
    dueNanos = 0;
    state = new State.Dialing(dialer.dial(receiver).toCompletableFuture(), now + timeoutNanos);
  }

  private Change arrived(State.Dialing dialing, long now) {
    if (!dialing.outcome.isDone()) {
      if (now - dialing.deadlineNanos >= 0) {
        closeLate(dialing.outcome);
        failed("Redis did not answer in time", now);
      }
      return Change.NONE;
    }
    try {
      var open = dialing.outcome.join();
      metrics.counter(BrokerMetric.CONNECTS, "connected").inc();
      log.info("Redis is connected");
      breaker.succeeded();
      pace.reset();
      tried = true;
      trouble = null;
      link = open;
      state = new State.Up(open);
      return Change.CAME;
    } catch (CompletionException | CancellationException failure) {
      failed("Redis cannot be reached: " + reason(failure), now);
      return Change.NONE;
    }
  }

  private void failed(String why, long now) {
    metrics.counter(BrokerMetric.CONNECTS, "failed").inc();
    breaker.failed(now);
    wait(why, now);
  }

  private void wait(String why, long now) {
    long pause = Math.max(pace.nextNanos(), breaker.pauseNanos(now));
    if (!why.equals(trouble)) {
      log.warn("{}; trying again in {} ms, and then at growing intervals", why, pause / 1_000_000);
    }
    tried = true;
    trouble = why;
    link = null;
    state = new State.Waiting(now + pause);
    dueNanos = now + pause == 0 ? 1 : now + pause;
  }

  private static void closeLate(CompletableFuture<Link> outcome) {
    var _ = outcome.thenAccept(Link::close);
  }

  /// Why a future that is done has no value.
  static String reason(CompletableFuture<?> failed) {
    try {
      failed.join();
      return "no reason was given";
    } catch (CompletionException | CancellationException failure) {
      return reason(failure);
    }
  }

  /// The deepest cause says most: what wraps it only says that connecting failed.
  static String reason(Throwable failure) {
    var cause = failure;
    for (var deeper = cause.getCause(); deeper != null; deeper = cause.getCause()) {
      cause = deeper;
    }
    var message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
