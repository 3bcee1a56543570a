/// What the process says about itself: a snapshot every few seconds, events for consoles while one
/// is open, and a summary in the log. Built on virtual threads that the timer wakes; native calls
/// have the thread `millrace-system`. Open [Telemetry] first, then [IntervalEvents].
@org.jspecify.annotations.NullMarked
package dev.millrace.control.telemetry;
