package dev.millrace.core.node;

/// A box in a graph. Either a [Source], which makes frames, or a [Processor], which takes them.
///
/// Life: [#open] once, before any frame; then calls from one thread at a time (the thread may
/// change between calls, with a happens-before edge); [#close] exactly once for each successful
/// [#open], also after failure. One instance serves one run of one pipeline.
public sealed interface Node permits Processor, Source {

  /// Where the node's calls happen; asked once, before [#open].
  default Execution execution() {
    return Execution.INLINE;
  }

  /// Acquires what the node needs. May block. A failure fails the start of the whole graph, and
  /// nodes already open are closed.
  ///
  /// @throws dev.millrace.core.problem.ProblemException for anything an operator can mend
  default void open(NodeContext context) throws Exception {}

  /// Gives back what [#open] acquired. Must not throw.
  default void close() {}
}
