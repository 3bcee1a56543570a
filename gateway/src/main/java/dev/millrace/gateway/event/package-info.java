/// What operators are told about callers: who was turned away and whose connection was ended.
/// Called from the loops, never waits. Open [Kills] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.event;
