/// Nodes that change samples: each makes new arrays for the channels it changes and shares the
/// others. On whatever thread runs the node, one at a time. Open [GainNode] first, then
/// [FilterNode] for one with a state and [FftNode] for one with plans.
@org.jspecify.annotations.NullMarked
package dev.millrace.signals.process;
