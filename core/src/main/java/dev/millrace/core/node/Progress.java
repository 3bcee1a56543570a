package dev.millrace.core.node;

/// What a source wants after a poll.
public sealed interface Progress {
  /// Call again as soon as there is room.
  Progress MORE = new More();

  /// Call again after [NodeContext#wake].
  Progress AWAIT = new Await();

  /// The source has ended for good; a finite stream drains the pipeline behind it.
  Progress DONE = new Done();

  /// Call again at `nanos` on the clock's monotonic scale, or after [NodeContext#wake].
  static Progress at(long nanos) {
    return new At(nanos);
  }

  record More() implements Progress {}

  record Await() implements Progress {}

  record Done() implements Progress {}

  record At(long nanos) implements Progress {}
}
