package dev.millrace.gateway.wse;

/// What one type of message does. Called on the connection's loop; must not block. What it throws
/// is told to the client as a failed handler, and counts against the connection. The request is
/// valid during the call, unless it is its [Inbound.Request#own].
@FunctionalInterface
interface MessageHandler {
  void handle(WseSession session, Inbound.Request request);
}
