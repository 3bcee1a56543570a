package dev.millrace.core.node;

/// A processor for which it matters where a frame comes from.
public interface Joining extends Processor {

  /// The frames that follow come from this input, an index into [NodeContext#inputs]. Told before a
  /// batch, on the node's own thread, and only when it is another input than the one before; the
  /// first frames come from input 0 unless something else was told.
  void from(int input);
}
