package dev.millrace.engine.pool;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.flow.NodeFailure;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one execution of a pool came to.
public sealed interface Outcome {

  /// Everything was handled; `collected` is what each node that keeps frames for readers had in the
  /// end, `frames` how many the last nodes of the graph have handled.
  record Completed(Map<String, List<Frame>> collected, long frames) implements Outcome {}

  /// It ended early. `failure` is the node's, when a node failed.
  record Failed(String sentence, @Nullable NodeFailure failure) implements Outcome {}

  /// Somebody cancelled it.
  record Cancelled() implements Outcome {}

  /// It never began: the pool was closed, or too many waited.
  record Refused(String sentence) implements Outcome {}
}
