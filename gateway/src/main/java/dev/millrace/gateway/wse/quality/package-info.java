/// How well one connection does: its latencies, and a breaker for one that only fails. No sockets;
/// confined to the loop of the connection. Open [LatencyWindow] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse.quality;
