/// Event loops on Netty: threads `millrace-loop-N`, each owning the sockets it accepted. Open
/// [EventLoops] first, then `http.HttpListener` and `websocket.WebSocketConnection`.
@org.jspecify.annotations.NullMarked
package dev.millrace.net;
