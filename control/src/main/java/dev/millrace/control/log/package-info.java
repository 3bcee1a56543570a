/// Logs that never stop what they speak of. Open [LogService] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.log;
