/// Nodes that make samples: a generator puts one frame of its waveform into each frame that comes
/// in, which is how a clock or an operator drives it. On whatever thread runs the node, one at a
/// time. Open [Generator] first, then [GenerateTypes] for what there is.
@org.jspecify.annotations.NullMarked
package dev.millrace.signals.generate;
