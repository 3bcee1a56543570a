package dev.millrace.engine.schedule;

/// Something that can be told to look for work again.
@FunctionalInterface
public interface Wakeable {

  /// Cheap, never blocks, from any thread; calls may coalesce. Whatever the caller wrote before is
  /// visible to the look that follows.
  void wake();
}
