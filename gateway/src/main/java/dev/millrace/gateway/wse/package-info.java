/// The WebSocket dialect at `/wse`: envelopes, handshake, subscriptions, heartbeats, publishing.
/// Runs on the loops of the connections; the one shared thing is [WseDialect], to open first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse;
