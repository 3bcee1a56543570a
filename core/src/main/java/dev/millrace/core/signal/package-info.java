/// Typed announcements between parts of the process; [SignalBus] never blocks whoever announces.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.signal;
