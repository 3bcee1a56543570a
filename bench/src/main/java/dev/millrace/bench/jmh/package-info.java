/// Runs JMH benchmarks from the command line and tells their scores. Open [JmhRun] first; runs on
/// the thread that calls it, the benchmarks in JVMs of their own.
@NullMarked
package dev.millrace.bench.jmh;

import org.jspecify.annotations.NullMarked;
