package dev.millrace.hub;

import java.util.HashSet;
import org.jspecify.annotations.Nullable;

/// Remembers the last ids, first in, first out. Grows with use up to its capacity. Not thread-safe.
public final class IdWindow {
  private final int capacity;
  private final HashSet<String> known = new HashSet<>();
  private @Nullable String[] order = new @Nullable String[8];
  private int next;

  public IdWindow(int capacity) {
    this.capacity = capacity;
  }

  /// Remembers `id`; returns false if it was known.
  public boolean add(String id) {
    if (capacity == 0) {
      return true;
    }
    if (!known.add(id)) {
      return false;
    }
    if (next == order.length && next < capacity) {
      order = java.util.Arrays.copyOf(order, Math.min(capacity, next * 2));
    }
    if (next >= Math.min(order.length, capacity)) {
      next = 0;
    }
    var oldest = order[next];
    if (oldest != null) {
      known.remove(oldest);
    }
    order[next++] = id;
    return true;
  }
}
