package dev.millrace.gateway.wse;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pings in both directions. A ping is answered at once, ahead of everything that waits, and costs
/// the client nothing; a pong is never answered.
final class PingMessages {
  private static final List<String> CLIENT_TIMES = List.of("timestamp", "ts", "client_timestamp");
  private static final List<String> OUR_TIMES = List.of("server_timestamp", "timestamp");

  private PingMessages() {}

  static void ping(WseSession session, Inbound.Request request) {
    session.giveTokenBack();
    pong(session, time(request, CLIENT_TIMES), request.correlationId());
  }

  static void pong(WseSession session, Inbound.Request request) {
    session.answeredPing(time(request, OUR_TIMES));
  }

  /// Answers a ping; `clientMillis` is 0 when it said no time.
  static void pong(WseSession session, long clientMillis, @Nullable String correlationId) {
    var context = session.context();
    context.counters.pings.inc();
    long now = context.frames.now();
    var payload =
        SystemFrames.object()
            .put("client_timestamp", clientMillis)
            .put("server_timestamp", now)
            .put("connection_id", session.connectionId())
            .put("latency", clientMillis == 0 ? 0 : Math.max(0, now - clientMillis));
    session.reply(context.frames.bare("PONG", payload, correlationId));
  }

  private static long time(Inbound.Request request, List<String> names) {
    var payload = request.payload();
    for (var name : names) {
      if (payload.path(name).isNumber()) {
        return payload.path(name).asLong(0);
      }
    }
    return 0;
  }
}
