/// Time as an argument: [Clock] for everybody, [SystemClock] for the process, [FakeClock] for
/// tests.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.time;
