/// Logs that never stop what they speak of: whoever logs puts a record into a bounded queue and
/// goes on; the thread `millrace-log` writes. Open [LogService] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.log;
