package dev.millrace.engine.graph.test;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.graph.Graph;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs a graph once, with nodes made for this run.
@FunctionalInterface
public interface GraphRunner {

  /// Puts `frames`, in order, into the node `into`, or into every entry if that is null, lets
  /// sources that need no trigger run to their end, and waits until all is done. For each of
  /// `targets` the answer has what the node emitted, in order, with samples of their own; for one
  /// that hands nothing on, what it was given.
  ///
  /// @throws Exception the first error that no policy took care of
  Map<String, List<Frame>> run(
      Graph graph, List<Frame> frames, @Nullable String into, Set<String> targets) throws Exception;
}
