package dev.millrace.gateway.wse;

import org.jspecify.annotations.Nullable;

/// One connection of the dialect, as an operator sees it. Immutable.
///
/// @param id names the connection, and is no credential
/// @param user as the credentials say, null without any
/// @param state `connected`; `degraded` while most of what it sends fails; `backpressured` while it
///     reads too slowly for what it asked for
/// @param topics names and patterns it is subscribed to
/// @param depth messages it has still to receive
/// @param quality of the way to it, by the answers to pings; null before the first
/// @param dropped messages of it that were not acted upon, for want of tokens or because they came
///     before
public record ClientView(
    String id,
    @Nullable String user,
    String state,
    int topics,
    long depth,
    long ageSeconds,
    long messagesOut,
    long bytesOut,
    long messagesIn,
    long bytesIn,
    long dropped,
    @Nullable String quality,
    String clientVersion) {

  /// A state: it reads too slowly for what it asked for.
  public static final String BACKPRESSURED = "backpressured";

  static ClientView of(WseSession session) {
    var client = session.client();
    var latencies = client.latencies();
    return new ClientView(
        session.connectionId(),
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
      return BACKPRESSURED;
    }
    return session.client().failing ? "degraded" : "connected";
  }
}
