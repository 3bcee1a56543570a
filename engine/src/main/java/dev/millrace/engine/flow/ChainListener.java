package dev.millrace.engine.flow;

/// What a chain tells its pipeline; called on the chain's thread or the watchdog's.
public interface ChainListener {

  /// A node failed; the chain takes no more input and is about to end.
  void failed(NodeFailure failure);

  /// The chain has ended and its nodes are closed, or it has been given up for lost. Once per
  /// chain.
  void ended(Chain chain);
}
