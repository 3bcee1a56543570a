/// The one route table: REST handlers on virtual threads, WebSocket endpoints on the loops, one
/// shape for every failure. Open `Router` first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.http;
