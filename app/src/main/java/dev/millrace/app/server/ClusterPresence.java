package dev.millrace.app.server;

import dev.millrace.connect.redis.PresenceBus;
import dev.millrace.core.json.Json;
import dev.millrace.hub.Hub;
import dev.millrace.hub.PresenceListener;
import dev.millrace.hub.PresenceState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;

/// Tells other instances who is on this one's topics, and this one who is on theirs. Changes are
/// told as they happen; all of it when an instance comes, or comes back, and with it those that
/// left lately, of whom it may not have heard.
final class ClusterPresence implements PresenceListener, PresenceBus.Listener {
  private static final Logger log = LoggerFactory.getLogger(ClusterPresence.class);
  private static final int MOST_LEFT = 10_000;
  private static final int NOTICE_BYTES = PresenceBus.LONGEST - 1_024;
  private static final int STATE_OVERHEAD = 128;

  private final PresenceBus bus;
  private final ArrayDeque<PresenceState> left = new ArrayDeque<>(); // guarded by itself
  private volatile @Nullable Hub hub; // set once, before anything is heard

  ClusterPresence(PresenceBus bus) {
    this.bus = bus;
    bus.listen(this);
  }

  void attach(Hub newHub) {
    hub = newHub;
  }

  // Of this instance; on the topics' loops.

  @Override
  public void changed(PresenceState state) {
    if (state.connections() == 0) {
      synchronized (left) {
        if (left.size() == MOST_LEFT) {
          left.remove();
        }
        left.add(state);
      }
    }
    tell(List.of(state));
  }

  /// Bits of it get lost where Redis is away, and are said again when it is back.
  private void tell(List<PresenceState> states) {
    var notice = Json.mapper().createArrayNode();
    int bytes = 0;
    for (var state : states) {
      int size = sizeOf(state);
      if (bytes > 0 && bytes + size > NOTICE_BYTES) {
        bus.publish(Json.bytes(notice));
        notice = Json.mapper().createArrayNode();
        bytes = 0;
      }
      write(notice, state);
      bytes += size;
    }
    if (bytes > 0) {
      bus.publish(Json.bytes(notice));
    }
  }

  private static void write(ArrayNode notice, PresenceState state) {
    notice
        .addObject()
        .put("topic", state.topic())
        .put("user", state.userId())
        .put("connections", state.connections())
        .put("data", new String(state.data(), StandardCharsets.UTF_8))
        .put("at", state.timestampMillis());
  }

  /// As JSON, every character of a text escaped at most once.
  private static int sizeOf(PresenceState state) {
    return 2 * (state.data().length + 3 * (state.topic().length() + state.userId().length()))
        + STATE_OVERHEAD;
  }

  // Of other instances; on the broker's thread.

  @Override
  public void sayAll() {
    var of = hub;
    if (of == null) {
      return;
    }
    synchronized (left) {
      tell(List.copyOf(left));
    }
    for (var states : of.localPresence()) {
      var _ = states.thenAccept(this::tell);
    }
  }

  @Override
  public void instanceHeard(String instance) {
    var of = hub;
    if (of != null) {
      of.remoteInstanceAlive(instance);
    }
  }

  @Override
  public void instanceWent(String instance) {
    var of = hub;
    if (of != null) {
      of.remoteInstanceGone(instance);
    }
  }

  @Override
  public void received(String instance, byte[] notice) {
    var of = hub;
    if (of == null) {
      return;
    }
    try {
      for (var state : Json.tree(notice)) {
        var topic = state.path("topic").asString("");
        var user = state.path("user").asString("");
        var data = state.path("data").asString("").getBytes(StandardCharsets.UTF_8);
        int connections = Math.max(0, state.path("connections").asInt(0));
        if (!topic.isEmpty() && !user.isEmpty() && (data.length == 0 || isJson(data))) {
          of.remotePresence(
              instance,
              new PresenceState(topic, user, connections, data, state.path("at").asLong(0)));
        }
      }
    } catch (JacksonException foreign) {
      log.warn("A notice of presence from {} is no JSON", instance);
    }
  }

  private static boolean isJson(byte[] data) {
    return Json.kindOf(data) != null;
  }
}
