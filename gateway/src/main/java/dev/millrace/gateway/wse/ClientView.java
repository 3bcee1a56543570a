package dev.millrace.gateway.wse;

import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionView;

/// What operators see of one connection of the dialect. On its loop.
final class ClientView {
  private ClientView() {}

  static SessionView of(WseSession session) {
    var client = session.client();
    var latencies = client.latencies();
    return new SessionView(
        session.connectionId(),
        SessionKind.WSE,
        client.name().known(),
        state(session),
        session.hubSession().topics().size(),
        session.hubSession().lagMessages(),
        ageSeconds(session),
        session.framesSent(),
        client.sentBytes,
        client.receivedMessages,
        client.receivedBytes,
        client.dropped + client.duplicates,
        latencies == null ? null : latencies.quality().label(),
        client.facts().version());
  }

  static long ageSeconds(WseSession session) {
    return Math.max(0, (session.context().frames.now() - session.client().connectedMillis) / 1_000);
  }

  static String state(WseSession session) {
    if (SessionReport.isBackpressured(session)) {
      return SessionView.BACKPRESSURED;
    }
    return session.client().failing ? "degraded" : SessionView.CONNECTED;
  }
}
