/// The WebSocket dialect at `/wse`: envelopes, handshake, subscriptions, heartbeats, publishing.
/// Runs on the loops of the connections; the one shared thing is [WseDialect], to open first. What
/// each type of message does is found in [MessageTable]; what a server may add is
/// [WseExtensions].
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse;
