/// WebSocket (RFC 6455), both halves, with a closing handshake of its own. Everything of a
/// connection runs on the loop that owns its socket. Open [WebSocketConnection] first, then
/// [WebSocketListener].
@org.jspecify.annotations.NullMarked
package dev.millrace.net.websocket;
