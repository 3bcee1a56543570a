package dev.millrace.core.frame;

/// Lends arrays to nodes. What is lent belongs to the node until the call in hand ends: arrays of
/// frames that it emitted are the engine's from then on, the others go back.
@FunctionalInterface
public interface SampleLender {

  /// An array of exactly `samples` samples, whose content means nothing yet.
  SampleBuffer take(int samples);
}
