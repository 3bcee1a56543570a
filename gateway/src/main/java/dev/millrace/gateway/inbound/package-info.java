/// The door for programs in any language at `/ws/inbound`: what WebSocket clients send that this
/// server has no use for waits in one bounded queue; programs drain it, answer and publish. Runs on
/// the loops of the connections. Open [InboundQueue] first, then [InboundEndpoint].
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.inbound;
