/// Tests of `time`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.time;
