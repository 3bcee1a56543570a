/// The servers under measurement, each in a JVM of its own so that their processor time can be told
/// apart from the client's. Open [ServerProcess] first; called from the measuring thread, with one
/// daemon thread per server that reads what it prints.
@NullMarked
package dev.millrace.bench.process;

import org.jspecify.annotations.NullMarked;
