package dev.millrace.gateway.session;

import org.jspecify.annotations.Nullable;

/// One connection, as an operator sees it. Immutable.
///
/// @param id names the connection, and is no credential
/// @param kind what it speaks
/// @param user as the credentials say, null without any
/// @param state `connected`; `degraded` while most of what it sends fails; `backpressured` while it
///     reads too slowly for what it asked for
/// @param topics names and patterns it is subscribed to, or the topic it publishes on
/// @param depth messages it has still to receive
/// @param dropped messages of it that were not acted upon, for want of tokens or because they came
///     before
/// @param quality of the way to it, by the answers to pings; null where there were none
/// @param clientVersion as the client says; null where clients say none
public record SessionView(
    String id,
    SessionKind kind,
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
    @Nullable String clientVersion) {

  /// A state: nothing is wrong.
  public static final String CONNECTED = "connected";

  /// A state: it reads too slowly for what it asked for.
  public static final String BACKPRESSURED = "backpressured";
}
