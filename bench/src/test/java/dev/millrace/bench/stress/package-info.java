/// Runs the concurrency tests of `bench.stress`.
@org.jspecify.annotations.NullMarked
package dev.millrace.bench.stress;
