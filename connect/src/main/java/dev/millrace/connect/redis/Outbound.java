package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.Publication;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The way out: takes publications from the queue, sends up to 64 messages in one pipeline, tries
/// those that failed twice more, and puts aside what cannot be sent. While Redis is away it
/// delivers here at once and puts everything aside. One pipeline is under way at a time, so a topic
/// has one order. Confined to the broker's thread.
final class Outbound {
  private static final int PIPELINE = 64;
  private static final int OUTAGE_TURN = 256; // messages served here alone in one turn
  private static final int ATTEMPTS = 3;
  private static final long[] PAUSES = {
    Duration.ofMillis(100).toNanos(), Duration.ofMillis(200).toNanos()
  };

  private record Sent(Outgoing outgoing, CompletableFuture<Boolean> outcome) {}

  /// How a message leaves.
  @FunctionalInterface
  interface Sender {
    CompletableFuture<Boolean> send(Link link, Outgoing outgoing);
  }

  private final OutQueue queue;
  private final InFlight inFlight;
  private final DeliveredIds delivered;
  private final LocalDelivery local;
  private final DeadLetters letters;
  private final Breaker breaker;
  private final BusCodec codec;
  private final Sender sender;
  private final MessageIds ids;
  private final Interests interests;
  private final Runnable wake;
  private final int maxInFlight;
  private final long timeoutNanos;
  private final Clock clock;
  private final Metrics metrics;
  private final CounterDataPoint published;

  private OutQueue.@Nullable Waiting current; // taken from the queue, not yet sent whole
  private int nextMessage;
  private @Nullable Outgoing lastOfCurrent;
  private boolean waitsToHear; // what is next

  private List<Sent> pipeline = List.of();
  private List<Outgoing> again = List.of(); // failed, due at `againNanos`
  private int attempts;
  private long deadlineNanos;
  private long againNanos;

  Outbound(
      Parts parts, ClusterSpec spec, Sender sender, Runnable wake, Clock clock, Metrics metrics) {
    this.queue = parts.queue;
    this.inFlight = parts.inFlight;
    this.delivered = parts.delivered;
    this.local = parts.local;
    this.letters = parts.letters;
    this.breaker = parts.breaker;
    this.codec = parts.codec;
    this.ids = parts.ids;
    this.interests = parts.interests;
    this.sender = sender;
    this.wake = wake;
    this.maxInFlight = spec.broker().maxInFlight();
    this.timeoutNanos = spec.redis().commandTimeout().toNanos();
    this.clock = clock;
    this.metrics = metrics;
    this.published = metrics.counter(BrokerMetric.PUBLISHED);
  }

  /// What the ways out and in share.
  record Parts(
      OutQueue queue,
      InFlight inFlight,
      DeliveredIds delivered,
      LocalDelivery local,
      DeadLetters letters,
      Breaker breaker,
      BusCodec codec,
      MessageIds ids,
      Interests interests) {}

  /// Does what is due over `link`; true if there may be more at once.
  boolean step(Link link, long now) {
    if (!pipeline.isEmpty()) {
      return settled(now) && judge(link, now);
    }
    if (!again.isEmpty()) {
      if (now - againNanos < 0) {
        return false;
      }
      var failed = again;
      again = List.of();
      send(link, failed, now);
      return true;
    }
    var next = gather(true, now);
    if (next.isEmpty()) {
      return false;
    }
    attempts = 0;
    send(link, next, now);
    return true;
  }

  /// Serves here what cannot be sent; true if there may be more at once.
  boolean stepWithout(String why, long now) {
    int served = 0;
    while (served < OUTAGE_TURN && local.isEmpty()) {
      var next = gather(false, now);
      if (next.isEmpty()) {
        return served > 0;
      }
      for (var outgoing : next) {
        inFlight.remove(outgoing.key);
        giveUp(outgoing, why);
      }
      served += next.size();
      local.flush();
    }
    return true;
  }

  /// Redis went away: what it had not taken is put aside, and everything under way is served here,
  /// in the order it was sent.
  void linkWent(String why) {
    for (var sent : pipeline) {
      noteOutcome(sent);
    }
    pipeline = List.of();
    again = List.of();
    for (var outgoing : inFlight.takeAll()) {
      if (outgoing.taken) {
        serve(outgoing, "redis_away");
      } else {
        giveUp(outgoing, why);
      }
    }
  }

  /// What Redis took and never sent back.
  void serveOverdue(long now, long echoTimeoutNanos) {
    for (var outgoing : inFlight.takeOverdue(now - echoTimeoutNanos)) {
      serve(outgoing, "no_echo");
    }
  }

  /// Whether a turn could take something from the queue, or has an answer to look at.
  boolean canSend() {
    return pipeline.isEmpty()
        ? again.isEmpty() && !waitsToHear && !queue.isEmpty() && inFlight.size() < maxInFlight
        : allDone();
  }

  /// Whether a pipeline is under way, or about to be tried again.
  boolean isSending() {
    return !pipeline.isEmpty() || !again.isEmpty();
  }

  /// Whether nothing is on its way.
  boolean isIdle() {
    return current == null
        && queue.isEmpty()
        && pipeline.isEmpty()
        && again.isEmpty()
        && inFlight.size() == 0;
  }

  /// Until when nothing need be done, unless something happens.
  long dueNanos(long now) {
    if (!pipeline.isEmpty()) {
      return deadlineNanos;
    }
    return again.isEmpty() ? now + Duration.ofSeconds(1).toNanos() : againNanos;
  }

  /// `heard`: only what will come back. What will not yet waits at the head, and the rest with it.
  private List<Outgoing> gather(boolean heard, long now) {
    List<Outgoing> next = new ArrayList<>();
    while (next.size() < PIPELINE && inFlight.size() < maxInFlight) {
      var waiting = current;
      if (waiting == null) {
        waiting = queue.poll();
        if (waiting == null) {
          break;
        }
        current = waiting;
        nextMessage = 0;
        lastOfCurrent = null;
      }
      var publication = waiting.publication();
      waitsToHear = heard && nextMessage == 0 && !interests.isHeard(publication.topic(), now);
      if (waitsToHear) {
        break;
      }
      if (nextMessage < publication.messages().size()) {
        var outgoing = prepare(waiting, nextMessage++, now);
        if (outgoing != null) {
          next.add(outgoing);
        }
      }
      if (nextMessage == publication.messages().size()) {
        finish(publication);
      }
    }
    return next;
  }

  private @Nullable Outgoing prepare(OutQueue.Waiting waiting, int index, long now) {
    var publication = waiting.publication();
    var message = publication.messages().get(index);
    var id = message.id();
    if (id == null) {
      id = ids.next(clock.epochMillis());
      message = message.withId(id);
    }
    var key = new MessageKey(publication.topic(), id);
    if (inFlight.contains(key) || (!waiting.replay() && delivered.contains(key))) {
      metrics.counter(BrokerMetric.DUPLICATES).inc();
      return null;
    }
    var outgoing = new Outgoing(key, message, codec.encode(publication.topic(), message), now);
    inFlight.add(outgoing);
    lastOfCurrent = outgoing;
    return outgoing;
  }

  private void finish(Publication publication) {
    var receipt = publication.receipt();
    if (receipt != null) {
      if (lastOfCurrent != null && !lastOfCurrent.served) {
        lastOfCurrent.receipt = receipt;
      } else {
        local.settle(publication.topic(), null, receipt);
      }
    }
    queue.done(publication);
    current = null;
    lastOfCurrent = null;
  }

  private void send(Link link, List<Outgoing> messages, long now) {
    attempts++;
    deadlineNanos = now + timeoutNanos;
    List<Sent> sent = new ArrayList<>(messages.size());
    for (var outgoing : messages) {
      sent.add(new Sent(outgoing, sender.send(link, outgoing)));
    }
    // Answers come in order: the last one says that all are there.
    var _ = sent.getLast().outcome.whenComplete((taken, failure) -> wake.run());
    link.flush();
    pipeline = sent;
  }

  private boolean settled(long now) {
    return now - deadlineNanos >= 0 || allDone();
  }

  private boolean allDone() {
    for (var sent : pipeline) {
      if (!sent.outcome.isDone()) {
        return false;
      }
    }
    return true;
  }

  private boolean judge(Link link, long now) {
    List<Outgoing> failed = new ArrayList<>();
    boolean late = false;
    String why = "";
    for (var sent : pipeline) {
      noteOutcome(sent);
      if (sent.outgoing.taken || sent.outgoing.served) {
        breaker.succeeded();
        continue;
      }
      late |= !sent.outcome.isDone();
      why = sent.outcome.isDone() ? Lifeline.reason(sent.outcome) : "Redis did not answer in time";
      failed.add(sent.outgoing);
      breaker.failed(now);
    }
    pipeline = List.of();
    if (failed.isEmpty()) {
      return true;
    }
    metrics.counter(BrokerMetric.PUBLISH_FAILURES).inc(failed.size());
    if (late && !breaker.isClosed()) {
      link.close(); // nothing comes through; a new connection may
    }
    if (breaker.isClosed() && link.isOpen() && attempts < ATTEMPTS) {
      again = failed;
      againNanos = now + PAUSES[attempts - 1];
      return false;
    }
    for (var outgoing : failed) {
      inFlight.remove(outgoing.key);
      giveUp(outgoing, why);
    }
    return true;
  }

  private void noteOutcome(Sent sent) {
    var outgoing = sent.outgoing;
    if (!sent.outcome.isDone() || sent.outcome.isCompletedExceptionally() || outgoing.taken) {
      return;
    }
    outgoing.taken = true;
    published.inc();
    if (!sent.outcome.join() && !outgoing.served) { // nothing comes back of what was known
      metrics.counter(BrokerMetric.DUPLICATES).inc();
      inFlight.remove(outgoing.key);
      outgoing.served = true;
      local.settle(outgoing.key.topic(), null, outgoing.receipt);
    }
  }

  private void giveUp(Outgoing outgoing, String why) {
    serve(outgoing, "not_sent");
    letters.add(outgoing, why);
  }

  private void serve(Outgoing outgoing, String reason) {
    outgoing.served = true;
    if (delivered.add(outgoing.key)) {
      metrics.counter(BrokerMetric.SERVED_LOCALLY, reason).inc();
      local.add(outgoing.key.topic(), outgoing.message, null, outgoing.receipt);
    } else {
      local.settle(outgoing.key.topic(), null, outgoing.receipt);
    }
  }
}
