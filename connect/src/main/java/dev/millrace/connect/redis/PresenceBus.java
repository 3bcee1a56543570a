package dev.millrace.connect.redis;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Notices between instances about who is where, on the channel `millrace:presence`. Each instance
/// gives a sign of life three times in `cluster.instance_timeout`; one that gave none for as long
/// is gone. Notices are small, are not kept for those who are away, and arrive in the order an
/// instance sent them.
///
/// [#publish] and [#peers] may be called from any thread; everything else happens on the broker's
/// thread.
public final class PresenceBus {
  private static final int BEATS = 3; // in the time after which an instance counts as gone

  /// The longest notice, in bytes.
  public static final int LONGEST = 16 << 10;

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String HELLO = "hello"; // over a new connection
  private static final int WAITING = 4_096;
  private static final int MOST_INSTANCES = 1_000;
  private static final long UNKNOWN = -1;

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

  /// What was last heard of an instance.
  private record Heard(long nanos, long loopMicros, long waiting) {}

  private final String own;
  private final long expiryNanos;
  private final long beatNanos;
  private final Metrics metrics;
  private final ArrayBlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(WAITING);
  private final Map<String, Heard> others = new HashMap<>();
  private volatile @Nullable Listener listener; // written by listen; the broker's thread reads it
  // These two: written by the broker's thread, the second once a second; statistics read them.
  private volatile int instances;
  private volatile List<Peer> peers = List.of();
  private long beats;
  private long sentBeatNanos;
  private long ownLoopMicros = UNKNOWN; // from here to Redis and back
  private long nextBeatNanos;
  private long nextLookNanos;
  private long saidAllNanos;
  private boolean sayAll;
  private boolean connected;

  /// One that gave no sign of life for `expiry` is gone.
  PresenceBus(String own, Duration expiry, long nowNanos, Metrics metrics) {
    this.own = own;
    this.expiryNanos = expiry.toNanos();
    this.beatNanos = expiryNanos / BEATS;
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

  /// The other instances, by id, as they were a second ago at most. Any thread.
  List<Peer> peers() {
    return peers;
  }

  /// Nanoseconds after which the next sign of life of an instance is overdue.
  long overdueNanos() {
    return 2 * beatNanos;
  }

  /// Sends what waits, and a sign of life when it is due; true if it sent something. `waiting`
  /// are messages that have come and are not delivered yet, which the others are told.
  boolean step(@Nullable Link link, int waiting, long now) {
    expire(now);
    if (link == null) {
      int dropped = outgoing.size();
      if (dropped > 0) {
        outgoing.clear();
        metrics.counter(BrokerMetric.PRESENCE_DROPPED).inc(dropped);
      }
      connected = false;
      ownLoopMicros = UNKNOWN;
      return false;
    }
    boolean sent = false;
    if (!connected) {
      connected = true;
      sayAll = true;
      send(link, said(HELLO));
      nextBeatNanos = now;
      sent = true;
    }
    sayAll(now);
    if (now - nextBeatNanos >= 0) {
      nextBeatNanos = now + beatNanos;
      sentBeatNanos = now;
      send(link, said("beat").put("n", ++beats).put("loop", ownLoopMicros).put("waiting", waiting));
      sent = true;
    }
    for (var notice = outgoing.poll(); notice != null; notice = outgoing.poll()) {
      var body = said("notice");
      body.set("data", Json.tree(notice));
      send(link, body);
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
    send(link, said("leave"));
    link.flush();
  }

  void received(byte[] payload, long now) {
    try {
      var said = Json.tree(payload);
      var from = said.path("instance").asString("");
      if (from.isEmpty() || from.length() > 128) {
        return;
      }
      if (from.equals(own)) {
        if (said.path("n").asLong(0) == beats) {
          ownLoopMicros = Math.max(0, now - sentBeatNanos) / 1_000;
        }
        return;
      }
      var kind = said.path("kind").asString("");
      if (kind.equals("leave")) {
        if (others.remove(from) != null) {
          went(from);
        }
        return;
      }
      if (!heard(from, said, now)) {
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
  private boolean heard(String from, JsonNode said, long now) {
    var known = others.get(from);
    if (known == null && others.size() == MOST_INSTANCES) {
      return false;
    }
    boolean beat = said.has("n");
    others.put(
        from,
        new Heard(
            now,
            beat ? said.path("loop").asLong(UNKNOWN) : known == null ? UNKNOWN : known.loopMicros,
            beat ? said.path("waiting").asLong(0) : known == null ? 0 : known.waiting));
    instances = others.size();
    sayAll |= known == null;
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
        others.entrySet().stream()
            .filter(instance -> now - instance.getValue().nanos > expiryNanos)
            .map(Map.Entry::getKey)
            .toList();
    for (var instance : silent) {
      others.remove(instance);
      went(instance);
    }
    peers =
        others.entrySet().stream()
            .map(one -> peer(one.getKey(), one.getValue()))
            .sorted(Comparator.comparing(Peer::instance))
            .toList();
  }

  /// From here to it and back is the way to Redis and back, of both.
  private Peer peer(String instance, Heard heard) {
    boolean measured = ownLoopMicros >= 0 && heard.loopMicros >= 0;
    var rttMicros = measured ? ownLoopMicros + heard.loopMicros : null;
    return new Peer(instance, heard.nanos, rttMicros, Math.max(0, heard.waiting));
  }

  private void went(String instance) {
    instances = others.size();
    var who = listener;
    if (who != null) {
      who.instanceWent(instance);
    }
  }

  private ObjectNode said(String kind) {
    return Json.mapper().createObjectNode().put("instance", own).put("kind", kind);
  }

  private static void send(Link link, ObjectNode said) {
    var _ = link.publish(Channels.PRESENCE, Json.bytes(said));
  }
}
