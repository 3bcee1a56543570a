package dev.millrace.control.telemetry;

import dev.millrace.core.signal.Signal;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.session.SessionView;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Connections and messages over one interval. What is not known is null.
public record FeedTick(
    long seq,
    Instant ts,
    long intervalMs,
    Connections connections,
    Messages messages,
    Bytes bytes,
    @Nullable Latency sendLatency,
    Queue queue,
    long memoryBytes,
    Recovery recovery,
    @Nullable Dlq dlq,
    @Nullable Breaker breaker,
    List<Peer> peers,
    @Nullable List<TopLine> top)
    implements Signal {

  public FeedTick {
    peers = List.copyOf(peers);
    top = top == null ? null : List.copyOf(top);
  }

  /// `active` are all that have topics, `byState` those of /wse; `total` of these were greeted, and
  /// `disconnects` ended by reason, since the start.
  public record Connections(
      int active,
      long total,
      @Nullable Map<String, Integer> byState,
      Map<String, Long> disconnects) {}

  /// Published, and delivered; `byPriority` are those published.
  public record Messages(
      @Nullable Double inPerSec,
      @Nullable Double outPerSec,
      Map<String, @Nullable Double> byPriority) {}

  /// Payload bytes in, bytes on the wire out.
  public record Bytes(@Nullable Double inPerSec, @Nullable Double outPerSec) {}

  /// The deliveries of the interval by the time from when their message came until it was handed to
  /// the socket, in microseconds; the last of `counts` are those beyond all `bounds`.
  public record Latency(
      @Nullable Double p50Us, @Nullable Double p99Us, List<Long> bounds, List<Long> counts) {}

  /// Messages that wait for a loop, and what jammed sessions went without since the start.
  public record Queue(
      int depth,
      @Nullable Integer capacity,
      Map<String, Long> droppedByPriority,
      @Nullable Integer backpressuredConnections) {}

  /// Subscriptions that began at a position: those that got all that followed, and the others,
  /// since the start; and the bytes that are kept for them.
  public record Recovery(long hits, long misses, long ringBytes) {}

  /// Messages that did not reach other instances and wait in memory for Redis to keep them, all and
  /// by topic, of the [FeedFacts#DEAD_LETTER_TOPICS] topics that have most.
  public record Dlq(int size, Map<String, Integer> byChannel) {}

  /// `closed` while messages reach other instances, `open` while they do not; `failures` since the
  /// start. `nextRetryMs` is how long until the others are tried again, null while they are reached
  /// or being tried.
  public record Breaker(String state, long failures, @Nullable Long nextRetryMs) {}

  /// Another instance: `up`, or `silent` when a sign of life is overdue. `rttMs` is how long a
  /// message takes to it and back, null before that was measured; `lag` the messages that had
  /// reached it and were not delivered there, by its last sign of life `lastSeenMs` ago.
  public record Peer(String node, String state, @Nullable Double rttMs, long lag, long lastSeenMs) {
    static Peer of(FeedFacts.Peer peer) {
      var rtt = peer.rttMicros();
      return new Peer(
          peer.instance(),
          peer.up() ? "up" : "silent",
          rtt == null ? null : rtt / 1_000.0,
          peer.waiting(),
          peer.silentMillis());
    }
  }

  /// A connection of /wse, those furthest behind first. `outPerSec` is null for one that was not
  /// listed the last time.
  public record TopLine(
      String connRef,
      @Nullable String userRef,
      int topics,
      @Nullable Double outPerSec,
      long depth,
      long ageS,
      String transport,
      @Nullable String quality) {}

  static FeedTick of(long seq, Instant ts, FeedSample before, FeedSample now, long nanos) {
    var stats = now.hub().stats();
    var old = before.hub().stats();
    var facts = now.facts();
    var clients = facts.clients();
    var byState = clients == null ? null : clients.byState();
    return new FeedTick(
        seq,
        ts,
        nanos / 1_000_000,
        new Connections(stats.sessions(), now.opened(), byState, now.disconnects()),
        new Messages(
            rate(stats.published(), old.published(), nanos),
            rate(stats.deliveries(), old.deliveries(), nanos),
            rates(now.published(), before.published(), nanos)),
        new Bytes(
            rate(now.hub().publishedBytes(), before.hub().publishedBytes(), nanos),
            rate(now.hub().deliveredBytes(), before.hub().deliveredBytes(), nanos)),
        latency(before.facts(), facts),
        new Queue(
            stats.waitingMessages(),
            facts.capacity(),
            now.hub().leftOut(),
            byState == null ? null : byState.getOrDefault(SessionView.BACKPRESSURED, 0)),
        stats.memoryBytes(),
        new Recovery(now.recovered(), now.unrecovered(), facts.keptBytes()),
        dlq(facts.cluster()),
        breaker(facts.cluster()),
        peers(facts.cluster()),
        clients == null ? null : top(clients, before.facts().clients(), nanos));
  }

  private static Latency latency(FeedFacts before, FeedFacts now) {
    var latency = now.latency().since(before.latency());
    return new Latency(
        rounded(latency.micros(0.5)),
        rounded(latency.micros(0.99)),
        latency.boundsMicros(),
        latency.counts());
  }

  private static @Nullable Dlq dlq(FeedFacts.@Nullable Cluster cluster) {
    return cluster == null ? null : new Dlq(cluster.deadLetters(), cluster.deadLettersByTopic());
  }

  private static @Nullable Breaker breaker(FeedFacts.@Nullable Cluster cluster) {
    return cluster == null
        ? null
        : new Breaker(
            cluster.reachable() ? "closed" : "open",
            cluster.publishErrors(),
            cluster.retryMillis());
  }

  private static List<Peer> peers(FeedFacts.@Nullable Cluster cluster) {
    return cluster == null ? List.of() : cluster.peers().stream().map(Peer::of).toList();
  }

  private static List<TopLine> top(
      SessionSource.Answer now, SessionSource.@Nullable Answer before, long nanos) {
    var sent = new HashMap<String, Long>();
    if (before != null) {
      before.clients().forEach(client -> sent.put(client.id(), client.messagesOut()));
    }
    return now.clients().stream()
        .map(
            client -> {
              var earlier = sent.get(client.id());
              return new TopLine(
                  client.id(),
                  client.user(),
                  client.topics(),
                  earlier == null ? null : rate(client.messagesOut(), earlier, nanos),
                  client.depth(),
                  client.ageSeconds(),
                  "websocket",
                  client.quality());
            })
        .toList();
  }

  private static Map<String, @Nullable Double> rates(
      Map<String, Long> now, Map<String, Long> before, long nanos) {
    var rates = new TreeMap<String, @Nullable Double>();
    now.forEach(
        (name, count) -> rates.put(name, rate(count, before.getOrDefault(name, 0L), nanos)));
    return rates;
  }

  private static @Nullable Double rounded(@Nullable Double micros) {
    return micros == null ? null : Math.round(micros * 10) / 10.0;
  }

  private static @Nullable Double rate(long now, long before, long nanos) {
    return Rates.perSecond(Rates.gained(now, before), nanos);
  }
}
