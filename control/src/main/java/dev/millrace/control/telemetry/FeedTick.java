package dev.millrace.control.telemetry;

import dev.millrace.core.signal.Signal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Connections and messages over one interval. What the hub does not measure is null.
public record FeedTick(
    long seq,
    Instant ts,
    long intervalMs,
    Connections connections,
    Messages messages,
    Bytes bytes,
    @Nullable Record sendLatency,
    Queue queue,
    long memoryBytes,
    @Nullable Record recovery,
    @Nullable Record dlq,
    @Nullable Record breaker,
    List<? extends Record> peers,
    @Nullable List<? extends Record> top)
    implements Signal {

  public FeedTick {
    peers = List.copyOf(peers);
  }

  /// `disconnects` are those the hub decided on, by reason, since the start.
  public record Connections(
      int active,
      @Nullable Long total,
      @Nullable Map<String, Long> byState,
      Map<String, Long> disconnects) {}

  /// Published, and delivered.
  public record Messages(
      @Nullable Double inPerSec,
      @Nullable Double outPerSec,
      @Nullable Map<String, Double> byPriority) {}

  /// Payload bytes in, bytes on the wire out.
  public record Bytes(@Nullable Double inPerSec, @Nullable Double outPerSec) {}

  /// Messages that wait for a loop, and what jammed sessions went without since the start.
  public record Queue(
      int depth,
      @Nullable Integer capacity,
      Map<String, Long> droppedByPriority,
      @Nullable Integer backpressuredConnections) {}

  static FeedTick of(long seq, Instant ts, HubSample before, HubSample now, long nanos) {
    var stats = now.stats();
    return new FeedTick(
        seq,
        ts,
        nanos / 1_000_000,
        new Connections(stats.sessions(), null, null, now.closed()),
        new Messages(
            rate(stats.published(), before.stats().published(), nanos),
            rate(stats.deliveries(), before.stats().deliveries(), nanos),
            null),
        new Bytes(
            rate(now.publishedBytes(), before.publishedBytes(), nanos),
            rate(now.deliveredBytes(), before.deliveredBytes(), nanos)),
        null,
        new Queue(stats.waitingMessages(), null, now.leftOut(), null),
        stats.memoryBytes(),
        null,
        null,
        null,
        List.of(),
        null);
  }

  private static @Nullable Double rate(long now, long before, long nanos) {
    return Rates.perSecond(Rates.gained(now, before), nanos);
  }
}
