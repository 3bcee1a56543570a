/// The real process, started as a user starts it, and real clients. Open [MillraceProcess] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.systemtest;
