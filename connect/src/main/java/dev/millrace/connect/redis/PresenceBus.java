package dev.millrace.connect.redis;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Notices between instances about who is where, on the channel `millrace:presence`. Each instance
/// gives a sign of life every 5 seconds; one that gave none for 15 is gone. Notices are small, are
/// not kept for those who are away, and arrive in the order an instance sent them.
///
/// [#publish] may be called from any thread; everything else happens on the broker's thread.
public final class PresenceBus {
  static final Duration HEARTBEAT = Duration.ofSeconds(5);
  static final Duration EXPIRY = Duration.ofSeconds(15);

  /// The longest notice, in bytes.
  public static final int LONGEST = 16 << 10;

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final int WAITING = 4_096;
  private static final int MOST_INSTANCES = 1_000;

  /// Called on the broker's thread, must not block.
  public interface Listener {
    /// An instance was heard for the first time, or again: it does not know who is here.
    void instanceCame(String instance);

    /// An instance left, or was not heard for so long that it counts as gone.
    void instanceWent(String instance);

    /// What another instance published: one JSON value.
    void received(String instance, byte[] notice);
  }

  private final String own;
  private final Metrics metrics;
  private final ArrayBlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(WAITING);
  private final Map<String, Long> heardNanos = new HashMap<>();
  private volatile @Nullable Listener listener; // written by listen; the broker's thread reads it
  private volatile int instances; // written by the broker's thread; statistics read it
  private long nextBeatNanos = Long.MIN_VALUE;
  private long nextLookNanos;
  private int known;

  PresenceBus(String own, long nowNanos, Metrics metrics) {
    this.own = own;
    this.metrics = metrics;
    this.nextLookNanos = nowNanos;
  }

  /// The id of this instance.
  public String instance() {
    return own;
  }

  /// Who is told. To be called once, before the broker starts.
  public void listen(Listener newListener) {
    listener = newListener;
  }

  /// Sends one JSON value to the other instances; false if it is too long, is no JSON, or too many
  /// wait already. What cannot be sent because Redis is away is dropped and counted: when an
  /// instance comes, everybody says anew who is there.
  public boolean publish(byte[] notice) {
    boolean taken =
        notice.length <= LONGEST && Json.kindOf(notice) != null && outgoing.offer(notice);
    if (!taken) {
      metrics.counter(BrokerMetric.PRESENCE_DROPPED).inc();
    }
    return taken;
  }

  int instances() {
    return instances;
  }

  /// Sends what waits, and a sign of life when it is due; true if it sent something.
  boolean step(@Nullable Link link, long now) {
    expire(now);
    if (link == null) {
      int dropped = outgoing.size();
      if (dropped > 0) {
        outgoing.clear();
        metrics.counter(BrokerMetric.PRESENCE_DROPPED).inc(dropped);
      }
      nextBeatNanos = Long.MIN_VALUE; // the first thing that is said once it is back
      return false;
    }
    boolean sent = false;
    if (nextBeatNanos == Long.MIN_VALUE || now - nextBeatNanos >= 0) {
      nextBeatNanos = now + HEARTBEAT.toNanos();
      send(link, "beat", null);
      sent = true;
    }
    for (var notice = outgoing.poll(); notice != null; notice = outgoing.poll()) {
      send(link, "notice", Json.tree(notice));
      sent = true;
    }
    if (sent) {
      link.flush();
    }
    return sent;
  }

  /// Says goodbye, so that the others need not wait.
  void leave(Link link) {
    send(link, "leave", null);
    link.flush();
  }

  void received(byte[] payload, long now) {
    try {
      var said = Json.tree(payload);
      var from = said.path("instance").asString("");
      if (from.isEmpty() || from.length() > 128 || from.equals(own)) {
        return;
      }
      if (said.path("kind").asString("").equals("leave")) {
        if (heardNanos.remove(from) != null) {
          told(from, false);
        }
        return;
      }
      heard(from, now);
      var notice = said.get("data");
      var told = listener;
      if (notice != null && told != null) {
        told.received(from, Json.bytes(notice));
      }
    } catch (JacksonException foreign) {
      metrics.counter(BrokerMetric.LOST, "undecodable").inc();
    }
  }

  private void heard(String from, long now) {
    if (!heardNanos.containsKey(from) && heardNanos.size() == MOST_INSTANCES) {
      return;
    }
    if (heardNanos.put(from, now) == null) {
      told(from, true);
      nextBeatNanos = Long.MIN_VALUE; // it shall hear of us at once
    }
  }

  private void expire(long now) {
    if (now - nextLookNanos < 0) {
      return;
    }
    nextLookNanos = now + LOOK.toNanos();
    heardNanos
        .entrySet()
        .removeIf(
            instance -> {
              boolean gone = now - instance.getValue() > EXPIRY.toNanos();
              if (gone) {
                told(instance.getKey(), false);
              }
              return gone;
            });
  }

  private void told(String instance, boolean came) {
    known += came ? 1 : -1;
    instances = known;
    var who = listener;
    if (who == null) {
      return;
    }
    if (came) {
      who.instanceCame(instance);
    } else {
      who.instanceWent(instance);
    }
  }

  private void send(Link link, String kind, @Nullable JsonNode data) {
    var body = Json.mapper().createObjectNode().put("instance", own).put("kind", kind);
    if (data != null) {
      body.set("data", data);
    }
    var _ = link.publish(Channels.PRESENCE, Json.bytes(body));
  }
}
