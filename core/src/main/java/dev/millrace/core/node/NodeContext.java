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
  /// What [#watermarkMicros] says where nothing is known of event time.
  long NO_WATERMARK = Long.MIN_VALUE;

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

  /// How far event time has come at this node, in microseconds since the Unix epoch: frames older
  /// than this have come, as far as their sources can say, and one that comes yet is late. Never
  /// falls in one run; [#NO_WATERMARK] before every source that counts has made a frame, and where
  /// no source in front of the node has event time.
  ///
  /// It moves at the end of a batch: `process` sees what held before the batch in hand, `batchEnd`
  /// what holds after it. A node that acts on it looks there, and in `idle`, which is also called
  /// when it moves without a frame.
  default long watermarkMicros() {
    return NO_WATERMARK;
  }

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
