/// Concurrency stress tests of the engine's lock-free parts, run by jcstress on all cores: each
/// class is one race and lists what may come of it. Open [TurnStateStress] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.bench.stress;
