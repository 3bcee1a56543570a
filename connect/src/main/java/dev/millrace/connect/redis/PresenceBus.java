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
  private static final String HELLO = "hello"; // over a new connection
  private static final int WAITING = 4_096;
  private static final int MOST_INSTANCES = 1_000;

  /// Called on the broker's thread, must not block.
  public interface Listener {
    /// An instance gave a sign of life.
    void instanceHeard(String instance);

    /// Somebody does not know who is here, or missed the last of it: all of it is to be said anew.
    void sayAll();

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
  private long nextBeatNanos;
  private long nextLookNanos;
  private long saidAllNanos;
  private boolean sayAll;
  private boolean connected;

  PresenceBus(String own, long nowNanos, Metrics metrics) {
    this.own = own;
    this.metrics = metrics;
    this.nextLookNanos = nowNanos;
    this.saidAllNanos = nowNanos - LOOK.toNanos();
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
      connected = false;
      return false;
    }
    boolean sent = false;
    if (!connected) {
      connected = true;
      sayAll = true;
      send(link, HELLO, null);
      nextBeatNanos = now + HEARTBEAT.toNanos();
      sent = true;
    }
    sayAll(now);
    if (now - nextBeatNanos >= 0) {
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

  /// At most once a second, however many ask for it.
  private void sayAll(long now) {
    var who = listener;
    if (sayAll && now - saidAllNanos >= LOOK.toNanos()) {
      sayAll = false;
      saidAllNanos = now;
      if (who != null) {
        who.sayAll();
      }
    }
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
      var kind = said.path("kind").asString("");
      if (kind.equals("leave")) {
        if (heardNanos.remove(from) != null) {
          went(from);
        }
        return;
      }
      if (!heard(from, now)) {
        return;
      }
      sayAll |= kind.equals(HELLO);
      var notice = said.get("data");
      var told = listener;
      if (notice != null && told != null) {
        told.received(from, Json.bytes(notice));
      }
    } catch (JacksonException foreign) {
      metrics.counter(BrokerMetric.LOST, "undecodable").inc();
    }
  }

  /// False if there are too many instances.
  private boolean heard(String from, long now) {
    boolean known = heardNanos.containsKey(from);
    if (!known && heardNanos.size() == MOST_INSTANCES) {
      return false;
    }
    heardNanos.put(from, now);
    instances = heardNanos.size();
    sayAll |= !known;
    var who = listener;
    if (who != null) {
      who.instanceHeard(from);
    }
    return true;
  }

  private void expire(long now) {
    if (now - nextLookNanos < 0) {
      return;
    }
    nextLookNanos = now + LOOK.toNanos();
    var silent =
        heardNanos.entrySet().stream()
            .filter(instance -> now - instance.getValue() > EXPIRY.toNanos())
            .map(Map.Entry::getKey)
            .toList();
    for (var instance : silent) {
      heardNanos.remove(instance);
      went(instance);
    }
  }

  private void went(String instance) {
    instances = heardNanos.size();
    var who = listener;
    if (who != null) {
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
