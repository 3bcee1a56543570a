/// `bench graph`: the engine beside a plain loop, Pekko Streams, Reactor, the Disruptor and the
/// JDK's queues; samples, latency, and the largest graph. Open [Question] first. JMH runs the
/// contestants in JVMs of their own; the rest runs on the thread that asks and the engine's
/// workers.
@NullMarked
package dev.millrace.bench.graph;

import org.jspecify.annotations.NullMarked;
