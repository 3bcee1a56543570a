package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.Position;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// The way in: what Redis sends waits here until the broker's thread takes it, bounded, because the
/// client's threads cannot wait. Delivers each message once, what this instance published itself
/// among them. [#received] is called on threads of the client, the rest on the broker's.
final class Inbound {
  private record Arrival(String channel, byte[] payload) {}

  private final ArrayBlockingQueue<Arrival> arrivals;
  private final Outbound.Parts parts;
  private final PresenceBus presence;
  private final StreamTracker streams;
  private final Runnable wake;
  private final Clock clock;
  private final Metrics metrics;
  private final CounterDataPoint received;

  Inbound(
      int capacity,
      Outbound.Parts parts,
      PresenceBus presence,
      StreamTracker streams,
      Runnable wake,
      Clock clock,
      Metrics metrics) {
    this.arrivals = new ArrayBlockingQueue<>(capacity);
    this.parts = parts;
    this.presence = presence;
    this.streams = streams;
    streams.deliverTo(
        new StreamTracker.Sink() {
          @Override
          public void deliver(String topic, Position place, byte[] payload) {
            Inbound.this.deliver(topic, place, payload);
          }

          @Override
          public void past(String topic, Position place, byte[] payload) {
            Inbound.this.past(topic, place, payload);
          }

          @Override
          public void stands(String topic, Position place) {
            parts.local().settle(topic, place, null);
          }
        });
    this.wake = wake;
    this.clock = clock;
    this.metrics = metrics;
    this.received = metrics.counter(BrokerMetric.RECEIVED);
  }

  void received(String channel, byte[] payload) {
    if (!arrivals.offer(new Arrival(channel, payload))) {
      metrics.counter(BrokerMetric.LOST, "inbound_full").inc();
    }
    wake.run();
  }

  StreamTracker streams() {
    return streams;
  }

  int waiting() {
    return arrivals.size();
  }

  /// Takes at most `limit`; how many it took.
  int step(int limit, long now) {
    int taken = 0;
    for (; taken < limit; taken++) {
      var arrival = arrivals.poll();
      if (arrival == null) {
        break;
      }
      take(arrival, now);
    }
    return taken;
  }

  private void take(Arrival arrival, long now) {
    var channel = arrival.channel;
    if (channel.equals(Channels.PRESENCE)) {
      presence.received(arrival.payload, now);
      return;
    }
    received.inc();
    if (channel.startsWith(Channels.BUS)) {
      deliver(channel.substring(Channels.BUS.length()), null, arrival.payload);
    } else if (channel.startsWith(Channels.LIVE)) {
      live(channel.substring(Channels.LIVE.length()), arrival.payload);
    }
  }

  private void live(String topic, byte[] framed) {
    int epochEnd = indexOfSpace(framed, 0);
    int offsetEnd = epochEnd < 0 ? -1 : indexOfSpace(framed, epochEnd + 1);
    var place = offsetEnd < 0 ? null : place(framed, epochEnd, offsetEnd);
    if (place == null) {
      metrics.counter(BrokerMetric.LOST, "undecodable").inc();
      return;
    }
    streams.live(topic, place, Arrays.copyOfRange(framed, offsetEnd + 1, framed.length));
  }

  private void deliver(String topic, @Nullable Position place, byte[] payload) {
    var message = parts.codec().decode(topic, payload, clock.epochMillis());
    if (message == null) {
      metrics.counter(BrokerMetric.LOST, "undecodable").inc();
      parts.local().settle(topic, place, null);
      return;
    }
    var id = message.id();
    if (id == null) {
      parts.local().add(topic, message, place, null);
      return;
    }
    var key = new MessageKey(topic, id);
    var own = parts.inFlight().remove(key);
    var receipt = own == null ? null : own.receipt;
    if (own != null) {
      own.served = true;
    }
    if (parts.delivered().add(key)) {
      parts.local().add(topic, own == null ? message : own.message, place, receipt);
    } else {
      metrics.counter(BrokerMetric.DUPLICATES).inc();
      parts.local().settle(topic, place, receipt);
    }
  }

  /// What a topic begins with here is delivered even if an earlier life of the topic had it.
  private void past(String topic, Position place, byte[] payload) {
    var message = parts.codec().decode(topic, payload, clock.epochMillis());
    if (message == null) {
      parts.local().settle(topic, place, null);
      return;
    }
    if (message.id() != null) {
      parts.delivered().add(new MessageKey(topic, message.id()));
    }
    parts.local().addPast(topic, message, place);
  }

  private static int indexOfSpace(byte[] bytes, int from) {
    for (int i = from; i < Math.min(bytes.length, from + 20); i++) {
      if (bytes[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable Position place(byte[] framed, int epochEnd, int offsetEnd) {
    try {
      var epoch = new String(framed, 0, epochEnd, StandardCharsets.US_ASCII);
      var offset =
          new String(framed, epochEnd + 1, offsetEnd - epochEnd - 1, StandardCharsets.US_ASCII);
      return new Position(Integer.parseInt(epoch), Long.parseLong(offset));
    } catch (NumberFormatException foreign) {
      return null;
    }
  }
}
