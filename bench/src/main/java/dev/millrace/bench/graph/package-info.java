/// `bench graph`: three stages without a queue between them, in the engine, beside a plain loop and
/// beside Pekko Streams, in one JMH run. Open [FusedGraphBenchmark] first.
@NullMarked
package dev.millrace.bench.graph;

import org.jspecify.annotations.NullMarked;
