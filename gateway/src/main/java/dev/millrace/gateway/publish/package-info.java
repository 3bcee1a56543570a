/// The WebSocket endpoint `/ws/publish/{topic}`: each frame is the payload of one event. Runs on
/// the loops of the connections. Open [PublishEndpoint] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.publish;
