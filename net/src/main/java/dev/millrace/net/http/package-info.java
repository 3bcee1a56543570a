/// HTTP/1.1 servers: one listener, one service that answers, and the door to WebSockets. Runs on
/// the event loops; answers may come from any thread. Open [HttpListener] first, then
/// [HttpService].
@org.jspecify.annotations.NullMarked
package dev.millrace.net.http;
