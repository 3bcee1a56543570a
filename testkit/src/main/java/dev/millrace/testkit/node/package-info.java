/// Runs one node alone, through every situation the engine may put it in, so that a node can be
/// proven without a graph. Everything runs on the test's own thread unless a case says otherwise.
/// Open [NodeHarness] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.node;
