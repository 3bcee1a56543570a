package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.Broker;
import dev.millrace.hub.Publication;
import dev.millrace.hub.Receipt;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the broker's thread does, turn by turn: keep Redis connected, deliver what came, send what
/// waits, put aside what cannot be sent. A turn is bounded and never blocks.
final class BrokerLoop implements Link.Receiver {
  private static final Logger log = LoggerFactory.getLogger(BrokerLoop.class);
  private static final int TURN = 512; // messages taken in
  private static final int KNOWN = 10_000; // ids of messages delivered
  private static final String BREAKER_OPEN =
      "Redis refused to publish; the circuit breaker is open";

  private final OutQueue queue;
  private final InFlight inFlight = new InFlight();
  private final Breaker breaker;
  private final LocalDelivery local;
  private final DeadLetters letters;
  private final Outbound outbound;
  private final Inbound inbound;
  private final Lifeline lifeline;
  private final Interests interests;
  private final Patterns patterns;
  private final PresenceBus presence;
  private final RedisShelf shelf;
  private final long echoTimeoutNanos;
  private final long timeoutNanos;
  private final Runnable wake;
  private final Metrics metrics;
  private @Nullable CompletableFuture<?> probe;
  private long probeDeadlineNanos;
  private boolean outage;

  private volatile @Nullable String trouble; // written by the broker's thread

  /// What the loop is made for.
  record Setting(
      ClusterSpec spec,
      Link.Dialer dialer,
      BusCodec codec,
      Broker.Delivery hub,
      PresenceBus presence,
      RedisShelf shelf) {}

  BrokerLoop(Setting setting, Runnable wake, Clock clock, Metrics metrics) {
    var spec = setting.spec;
    var random = new SplittableRandom(clock.epochMicros() ^ System.identityHashCode(this));
    this.metrics = metrics;
    this.timeoutNanos = spec.redis().commandTimeout().toNanos();
    this.echoTimeoutNanos = spec.broker().echoTimeout().toNanos();
    this.presence = setting.presence;
    this.shelf = setting.shelf;
    this.queue = new OutQueue(spec.broker().queueMessages(), spec.broker().queueBytes().bytes());
    this.local = new LocalDelivery(setting.hub, metrics);
    this.letters = new DeadLetters(timeoutNanos, clock, metrics);
    this.breaker = new Breaker(spec.broker().breakerPause());
    boolean streams = spec.broker().mode() == ClusterSpec.Mode.STREAMS;
    var prefix = streams ? Channels.LIVE : Channels.BUS;
    this.patterns = new Patterns(prefix, timeoutNanos);
    var tracker = new StreamTracker(timeoutNanos, wake, metrics);
    this.interests =
        new Interests(
            prefix, streams ? tracker : null, setting.hub::keeps, local, timeoutNanos, metrics);
    var parts =
        new Outbound.Parts(
            queue,
            inFlight,
            new DeliveredIds(KNOWN),
            local,
            letters,
            breaker,
            setting.codec,
            new MessageIds(random.split()),
            interests);
    Outbound.Sender sender =
        streams
            ? (link, out) ->
                link.append(out.key.topic(), out.key.id(), out.payload).toCompletableFuture()
            : (link, out) ->
                link.publish(Channels.BUS + out.key.topic(), out.payload).toCompletableFuture();
    this.outbound = new Outbound(parts, spec, sender, wake, clock, metrics);
    this.inbound =
        new Inbound(
            spec.broker().inboundMessages(), parts, presence, tracker, wake, clock, metrics);
    this.lifeline =
        new Lifeline(
            setting.dialer,
            this,
            2 * spec.redis().connectTimeout().toNanos(),
            new Breaker(spec.broker().breakerPause()),
            random.split(),
            metrics);
    this.wake = wake;
  }

  // For others' threads.

  boolean offer(Publication publication, boolean replay) {
    boolean taken = queue.offer(publication, replay);
    wake.run();
    return taken;
  }

  CompletableFuture<Receipt> follow(String topic) {
    var heard = interests.follow(topic);
    wake.run();
    return heard;
  }

  void unfollow(String topic) {
    interests.unfollow(topic);
  }

  Patterns patterns() {
    return patterns;
  }

  boolean hasRoom() {
    return queue.hasRoom();
  }

  @Nullable Link link() {
    return lifeline.link();
  }

  /// Why publications do not reach other instances, null when they do.
  @Nullable String trouble() {
    return trouble;
  }

  /// Nanoseconds until it is tried anew whether publications reach other instances, null while they
  /// do or it is being tried. Any thread.
  @Nullable Long retryNanos(long now) {
    if (lifeline.link() == null) {
      return lifeline.retryNanos(now);
    }
    long pause = breaker.pauseNanos(now);
    return pause == 0 ? null : Long.valueOf(pause);
  }

  DeadLetters letters() {
    return letters;
  }

  int queued() {
    return queue.messages();
  }

  int inFlight() {
    return inFlight.size();
  }

  int arrived() {
    return inbound.waiting();
  }

  @Override
  public void received(String channel, byte[] payload) {
    inbound.received(channel, payload);
  }

  @Override
  public void subscribed(String channel) {
    interests.answered(channel);
    wake.run();
  }

  @Override
  public void subscribedPattern(String channels) {
    patterns.answered(channels);
    wake.run();
  }

  @Override
  public void ended() {
    wake.run();
  }

  // The broker's thread.

  /// One turn; true if there may be more to do at once.
  boolean turn(long now) {
    boolean more = keepConnected(now);
    if (!local.flush()) {
      return false; // the hub has no room: nothing is taken meanwhile, in neither direction
    }
    more |= inbound.step(TURN, now) > 0;
    var link = lifeline.link();
    boolean away = link == null && lifeline.tried();
    more |= interests.step(link, away, now);
    patterns.step(link, away, now);
    if (link != null) {
      more |= inbound.streams().step(link, now);
      more |= prove(link, now);
      more |= breaker.isClosed() && letters.step(link, now);
    }
    more |= send(link, now);
    outbound.serveOverdue(now, echoTimeoutNanos);
    more |= presence.step(link, inbound.waiting(), now);
    more |= shelf.step(link, away, now);
    judge();
    local.flush();
    return more;
  }

  /// Nanoseconds until something is due by itself.
  long pauseNanos(long now) {
    return local.isEmpty() ? outbound.dueNanos(now) - now : 1;
  }

  /// Whether something came from outside since the last turn.
  boolean hasWork() {
    return local.isEmpty()
        && (inbound.waiting() > 0
            || interests.hasWork()
            || patterns.hasWork()
            || shelf.hasWork()
            || inbound.streams().hasWork()
            || outbound.canSend());
  }

  /// Whether everything that was accepted has been delivered, or put aside.
  boolean isIdle() {
    return outbound.isIdle() && local.isEmpty() && !shelf.hasWork();
  }

  void close() {
    var link = lifeline.link();
    if (link != null) {
      presence.leave(link);
    }
    lifeline.close();
    if (letters.waiting() > 0) {
      log.warn("{} dead letters that Redis did not take are lost", letters.waiting());
      metrics.counter(BrokerMetric.LOST, "stopped").inc(letters.waiting());
    }
  }

  private boolean keepConnected(long now) {
    switch (lifeline.step(now)) {
      case NONE -> {
        return false;
      }
      case CAME -> {}
      case WENT -> {
        var why = lifeline.trouble();
        outbound.linkWent(why == null ? "Redis went away" : why);
        letters.linkWent();
        inbound.streams().linkWent();
        interests.linkWent();
        patterns.linkWent();
        if (probe != null) {
          probe = null;
          breaker.failed(now);
        }
      }
    }
    return true;
  }

  private boolean send(@Nullable Link link, long now) {
    if (link != null && (breaker.isClosed() || outbound.isSending())) {
      return outbound.step(link, now);
    }
    if (link != null) {
      return outbound.stepWithout(BREAKER_OPEN, now);
    }
    var why = lifeline.trouble();
    return lifeline.tried() && outbound.stepWithout(why == null ? "Redis is away" : why, now);
  }

  /// Whether Redis is well again is tried out without a message.
  private boolean prove(Link link, long now) {
    var running = probe;
    if (running == null) {
      if (breaker.isClosed() || !breaker.permits(now)) {
        return false;
      }
      probe = link.ping().toCompletableFuture();
      probeDeadlineNanos = now + timeoutNanos;
      link.flush();
      return true;
    }
    if (!running.isDone() && now - probeDeadlineNanos < 0) {
      return false;
    }
    probe = null;
    if (running.isDone() && !running.isCompletedExceptionally()) {
      breaker.succeeded();
    } else {
      breaker.failed(now);
    }
    return true;
  }

  private void judge() {
    var link = lifeline.link();
    if (link != null) {
      trouble = breaker.isClosed() ? null : BREAKER_OPEN;
    } else {
      trouble = lifeline.trouble();
    }
    boolean now = trouble != null;
    if (now != outage) {
      outage = now;
      if (now) {
        metrics.counter(BrokerMetric.OUTAGES).inc();
        log.warn(
            "{}; subscribers of this instance are served, other instances miss what is published",
            trouble);
      } else {
        log.info("Publications reach other instances again");
      }
    }
  }
}
