package dev.millrace.core.node;

import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// What the engine lends a node for one run. Safe from any thread.
public interface NodeContext {
  String pipeline();

  String node();

  Clock clock();

  Metrics metrics();

  /// The nodes whose edges lead here, one entry per edge in the order of the graph's edges; a node
  /// that is fed from outside has none.
  default List<String> inputs() {
    return List.of();
  }

  /// Resolves a path from a graph document. Relative paths stand under the data directory, and one
  /// that leaves it is refused.
  Path resolve(String path) throws ProblemException;

  /// The smallest ordinal of `stream` that every durable sink behind this source has committed;
  /// empty when one of them has none, or there is no durable sink. For sources, during `open`.
  OptionalLong resumeAfter(String stream);

  /// Has the node called again soon, on its own thread. For events from outside: data arrived at a
  /// source, a processor may be ready again. Cheap, never blocks; calls may coalesce.
  void wake();

  /// Arrays for samples that the node is about to emit.
  SampleLender samples();

  /// What belongs to the node's place in the pipeline and outlives its instance, when a strategy
  /// restarts it: made once by `fresh`, the same afterwards. One object per class and place.
  <T> T kept(Class<T> type, Supplier<T> fresh);

  /// Counts one input that this node refused (a broken line, an event without its fields) and goes
  /// on. `reason` is one of a few fixed words, used as a metric label; `sentence` is logged,
  /// rarely.
  void rejected(String reason, String sentence);

  /// Says, in a sentence for an operator, what keeps this node from working (disk full, upstream
  /// gone). Shown by health until [#recovered]. Repeating the same sentence is free.
  void trouble(String sentence);

  /// The trouble is over.
  void recovered();
}
