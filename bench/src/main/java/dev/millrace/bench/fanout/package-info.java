/// `bench fanout`: the engine's fan-out beside the reference hub's, in turns, in one run. Open
/// [FanoutComparison] first; runs on the thread that calls it.
@NullMarked
package dev.millrace.bench.fanout;

import org.jspecify.annotations.NullMarked;
