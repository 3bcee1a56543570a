package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.Broker;
import dev.millrace.hub.Publication;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.hub.Receipt;
import dev.millrace.hub.UserShelf;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hub's broker over Redis. Publishers hand publications to a bounded queue and are never held
/// up; everything is delivered, here too, when it comes back from Redis, so that all instances have
/// one order per topic. While Redis is away the subscribers here are served at once, and what was
/// published waits as dead letters for a replay.
///
/// Order of life: construct, give it to the hub (which attaches itself), [#start], [#close].
public final class RedisBroker implements Broker, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisBroker.class);
  private static final String[] LOSSES = {
    "inbound_full", "undecodable", "refused", "dead_letters_full", "trimmed", "stopped"
  };
  private static final Duration SHORTEST_PAUSE = Duration.ofNanos(500_000);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private final ClusterSpec spec;
  private final Clock clock;
  private final Metrics metrics;
  private final PresenceBus presence;
  private final RedisShelf shelf;
  private final BrokerLoop loop;
  private final Link.Dialer dialer;
  private final Replay replay;
  private final Thread thread =
      Thread.ofPlatform().name("millrace-redis").daemon().unstarted(this::run);

  // Set once before the start.
  private volatile @Nullable Delivery hub;

  private volatile boolean stopping; // written by close
  private volatile boolean parked; // written by the broker's thread; who hands it work looks

  /// `mode` of the configuration must not be `none`.
  ///
  /// @throws IllegalArgumentException if there is no address
  public RedisBroker(ClusterSpec spec, BusCodec codec, Clock clock, Metrics metrics) {
    this(spec, UUID.randomUUID().toString(), codec, clock, metrics);
  }

  private RedisBroker(
      ClusterSpec spec, String instance, BusCodec codec, Clock clock, Metrics metrics) {
    this(spec, instance, new LettuceDialer(spec, instance), codec, clock, metrics);
  }

  RedisBroker(
      ClusterSpec spec,
      String instance,
      Link.Dialer dialer,
      BusCodec codec,
      Clock clock,
      Metrics metrics) {
    this.spec = spec;
    this.clock = clock;
    this.metrics = metrics;
    this.dialer = dialer;
    this.presence = new PresenceBus(instance, spec.instanceTimeout(), clock.nanoTime(), metrics);
    this.shelf = new RedisShelf(instance, spec, clock.nanoTime(), this::wake, metrics);
    this.loop =
        new BrokerLoop(
            new BrokerLoop.Setting(spec, dialer, codec, new Attached(), presence, shelf),
            this::wake,
            clock,
            metrics);
    this.replay = new Replay(loop, codec, spec, clock, metrics);
    metrics.gauge(BrokerMetric.CONNECTED, () -> loop.link() == null ? 0 : 1);
    metrics.gauge(BrokerMetric.OUTAGE, () -> loop.trouble() == null ? 0 : 1);
    metrics.gauge(BrokerMetric.QUEUED, loop::queued);
    metrics.gauge(BrokerMetric.IN_FLIGHT, loop::inFlight);
    metrics.gauge(BrokerMetric.INBOUND, loop::arrived);
    // Shown from the start, so that a rate over their first count is right.
    var _ = metrics.counter(BrokerMetric.OUTAGES);
    var _ = metrics.counter(BrokerMetric.REPLAYED);
    var _ = metrics.counter(BrokerMetric.DEAD_LETTERS, "publish_failed");
    metrics.gauge(BrokerMetric.DEAD_LETTERS_WAITING, () -> loop.letters().waiting());
    metrics.gauge(BrokerMetric.INSTANCES, presence::instances);
  }

  @Override
  public void attach(Delivery newHub) {
    hub = newHub;
  }

  @Override
  public CompletionStage<Receipt> follow(String topic) {
    return loop.follow(topic);
  }

  @Override
  public boolean remembers() {
    return spec.broker().mode() == ClusterSpec.Mode.STREAMS;
  }

  @Override
  public void unfollow(String topic) {
    loop.unfollow(topic);
  }

  @Override
  public CompletionStage<?> followPattern(String pattern) {
    var heard = loop.patterns().follow(pattern);
    wake();
    return heard;
  }

  @Override
  public void unfollowPattern(String pattern) {
    loop.patterns().unfollow(pattern);
    wake();
  }

  public RedisBroker start() {
    if (hub == null) {
      throw new IllegalStateException("no hub is attached to the broker");
    }
    thread.start();
    return this;
  }

  @Override
  public PublishOutcome publish(Publication publication, Delivery local) {
    return loop.offer(publication, false)
        ? new PublishOutcome.Accepted(publication.messages().size())
        : new PublishOutcome.Full();
  }

  @Override
  public boolean hasRoom() {
    return loop.hasRoom();
  }

  /// Messages accepted that have not been delivered here yet.
  public int waiting() {
    return loop.queued() + loop.inFlight();
  }

  /// Notices between instances.
  public PresenceBus presence() {
    return presence;
  }

  /// What connections of users leave to the next, on any instance.
  public UserShelf shelf() {
    return shelf;
  }

  /// The other instances. Any thread.
  public List<PeerView> peers() {
    long now = clock.nanoTime();
    return presence.peers().stream()
        .map(
            peer -> {
              long silent = Math.max(0, now - peer.heardNanos());
              return new PeerView(
                  peer.instance(),
                  silent <= presence.overdueNanos(),
                  Duration.ofNanos(silent),
                  peer.rttMicros(),
                  peer.waiting());
            })
        .toList();
  }

  /// Dead letters that wait in memory, of the `most` topics that have most, these first.
  public SequencedMap<String, Integer> deadLettersByTopic(int most) {
    return loop.letters().byTopic(most);
  }

  /// Until it is tried anew whether publications reach other instances; null while they do, or
  /// while it is being tried. Any thread.
  public @Nullable Duration retryIn() {
    var nanos = loop.retryNanos(clock.nanoTime());
    return nanos == null ? null : Duration.ofNanos(nanos);
  }

  /// What could not be published, and publishing it again.
  public Replay deadLetters() {
    return replay;
  }

  /// Any thread.
  public BrokerCondition condition() {
    long lost = 0;
    for (var reason : LOSSES) {
      lost += (long) metrics.count(BrokerMetric.LOST, reason);
    }
    return new BrokerCondition(
        spec.broker().mode().name().toLowerCase(Locale.ROOT),
        loop.link() != null,
        loop.trouble(),
        (long) metrics.count(BrokerMetric.PUBLISHED),
        (long) metrics.count(BrokerMetric.RECEIVED),
        (long) metrics.count(BrokerMetric.DELIVERED),
        lost,
        (long) metrics.count(BrokerMetric.PUBLISH_FAILURES),
        (long) metrics.count(BrokerMetric.CONNECTS, "connected"),
        loop.letters().waiting(),
        loop.queued(),
        loop.inFlight(),
        presence.instances());
  }

  /// Sends what waits, for 2 seconds at most, says goodbye and disconnects. What is published
  /// afterwards is accepted and goes nowhere: the hub takes nothing by then.
  @Override
  public void close() {
    stopping = true;
    wake();
    if (thread.isAlive()) {
      try {
        thread.join(DRAIN.multipliedBy(2));
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    dialer.close();
  }

  /// The hub, which attaches itself after the loop has been made.
  private final class Attached implements Delivery {
    @Override
    public PublishOutcome deliver(Publication publication) {
      return to().deliver(publication);
    }

    @Override
    public int keeps(String topic) {
      return to().keeps(topic);
    }

    private Delivery to() {
      var attached = hub;
      if (attached == null) {
        throw new IllegalStateException("no hub is attached to the broker");
      }
      return attached;
    }
  }

  private void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    long end = Long.MAX_VALUE;
    while (true) {
      long now = clock.nanoTime();
      if (stopping && end == Long.MAX_VALUE) {
        end = now + DRAIN.toNanos();
      }
      if (end != Long.MAX_VALUE && (loop.isIdle() || now - end >= 0)) {
        break;
      }
      if (!turn(now)) {
        park(now);
      }
    }
    loop.close();
  }

  private boolean turn(long now) {
    try {
      return loop.turn(now);
    } catch (RuntimeException defect) {
      log.error("A turn of the broker failed; it goes on with the next", defect);
      return false;
    }
  }

  /// Whatever comes between the turn and the pause is seen at the latest when the pause ends.
  private void park(long now) {
    parked = true;
    try {
      long pause = Math.min(loop.pauseNanos(now), LONGEST_PAUSE.toNanos());
      if (!loop.hasWork() && pause > 0) {
        LockSupport.parkNanos(this, Math.max(pause, SHORTEST_PAUSE.toNanos()));
      }
    } finally {
      parked = false;
    }
  }
}
