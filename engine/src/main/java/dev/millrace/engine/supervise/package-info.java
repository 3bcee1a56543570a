/// What becomes of frames a node fails on: restart first, policy last. Values read from a graph
/// document, and the breaker that belongs to a node's place; enforced by the chains of
/// `engine.flow`, on their threads. Open [Supervision] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.supervise;
