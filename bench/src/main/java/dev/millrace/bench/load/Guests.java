package dev.millrace.bench.load;

import java.util.ArrayDeque;

/// What became of all visitors together. Confined to the load's thread.
final class Guests {
  /// Those that were greeted and whom nobody has looked at yet.
  final ArrayDeque<Visitor> fresh = new ArrayDeque<>();

  /// How many were greeted, told of their subscription, and have left in order.
  int ready;

  int subscribed;
  int left;

  void ready(Visitor visitor) {
    ready++;
    fresh.add(visitor);
  }
}
