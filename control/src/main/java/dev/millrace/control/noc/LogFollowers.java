package dev.millrace.control.noc;

import dev.millrace.control.log.LogTail;
import dev.millrace.core.json.Json;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The consoles that follow the log, at most one tail each. Safe from any thread.
final class LogFollowers {
  private final Map<NocSession, LogTail> tails = new ConcurrentHashMap<>();

  /// From now on the console gets what this tail has, and no other.
  void follow(NocSession session, LogTail tail) {
    var former = tails.put(session, tail);
    if (former != null) {
      former.close();
    }
  }

  /// Whether there was a tail to end.
  boolean end(NocSession session) {
    var tail = tails.remove(session);
    if (tail != null) {
      tail.close();
    }
    return tail != null;
  }

  /// Sends every console what has been logged since the last call. On a virtual thread.
  void send(Instant now) {
    tails.forEach((session, tail) -> send(session, tail, now));
  }

  private static void send(NocSession session, LogTail tail, Instant now) {
    var records = tail.take();
    long suppressed = tail.suppressed();
    if (records.isEmpty() && suppressed == 0) {
      return;
    }
    var payload = Json.mapper().createObjectNode();
    payload.putArray("records").addAll(records);
    payload.put("suppressed", suppressed);
    var frame = NocFrames.event("LogTail", payload, now, null);
    session
        .sockets()
        .execute(
            () -> {
              session.offer(frame);
              session.pump();
            });
  }
}
