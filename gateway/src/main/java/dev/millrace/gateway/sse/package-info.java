/// Server-sent events at `/sse`: topics for everything that speaks HTTP and nothing else. Runs on
/// the loops of the connections. Open [SseEndpoint] first, then [SseForm].
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.sse;
