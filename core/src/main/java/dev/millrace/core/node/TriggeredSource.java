package dev.millrace.core.node;

import dev.millrace.core.frame.Frame;

/// A source that is also given frames from outside, such as triggers of an operator. The engine
/// keeps them, bounded, and hands them over when there is room downstream.
public interface TriggeredSource extends Source {

  /// Handles one frame from outside, between two polls. An exception fails the node as one of
  /// [#poll] does.
  void trigger(Frame frame, Outlet outlet) throws Exception;
}
