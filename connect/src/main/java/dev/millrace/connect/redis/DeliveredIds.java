package dev.millrace.connect.redis;

import java.util.LinkedHashSet;

/// The last messages that this instance has delivered, by topic and id, first in, first out.
/// Confined to one thread.
final class DeliveredIds {
  private final int capacity;
  private final LinkedHashSet<MessageKey> known = new LinkedHashSet<>();

  DeliveredIds(int capacity) {
    this.capacity = capacity;
  }

  boolean contains(MessageKey key) {
    return known.contains(key);
  }

  /// Remembers `key`; returns false if it was known.
  boolean add(MessageKey key) {
    if (!known.add(key)) {
      return false;
    }
    if (known.size() > capacity) {
      known.removeFirst();
    }
    return true;
  }
}
