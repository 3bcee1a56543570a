package dev.millrace.connect.sqlite;

import dev.millrace.connect.jetstream.DeliveryKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The delivery keys of the recent past: what a live stream may send again after a reconnect.
/// "Recent" is measured in time of the events, and bounded in number. Entries are numbered as they
/// come, so that the stored ones can be cut off from the old end. Confined to the sink's thread.
final class RewindWindow {
  private final long windowUs;
  private final int maxKeys;
  private final ArrayDeque<Entry> byArrival = new ArrayDeque<>();
  private final Set<DeliveryKey> keys = new HashSet<>();
  private List<Entry> unsaved = new ArrayList<>();
  private long newestUs = Long.MIN_VALUE;
  private long nextId = 1;

  /// One remembered event.
  record Entry(long id, DeliveryKey key, long timeUs) {}

  RewindWindow(long windowUs, int maxKeys) {
    this.windowUs = windowUs;
    this.maxKeys = maxKeys;
  }

  /// Puts back what was stored, in order of id.
  void restore(List<Entry> stored) {
    for (var entry : stored) {
      byArrival.add(entry);
      keys.add(entry.key());
      newestUs = Math.max(newestUs, entry.timeUs());
      nextId = entry.id() + 1;
    }
    expire();
  }

  /// Remembers `key`; false if it is already there. `latestUs` is the latest time an event can
  /// sensibly bear: one stamped in the far future must not age all others.
  boolean add(DeliveryKey key, long timeUs, long latestUs) {
    if (!keys.add(key)) {
      return false;
    }
    var entry = new Entry(nextId++, key, timeUs);
    byArrival.add(entry);
    unsaved.add(entry);
    newestUs = Math.max(newestUs, Math.min(timeUs, latestUs));
    expire();
    return true;
  }

  /// Entries added since the last call to [#saved], the oldest of which may be expired again.
  List<Entry> unsaved() {
    return unsaved;
  }

  /// The unsaved entries are safe.
  void saved() {
    unsaved = new ArrayList<>();
  }

  /// The smallest id still remembered.
  long floor() {
    return byArrival.isEmpty() ? nextId : byArrival.getFirst().id();
  }

  int size() {
    return keys.size();
  }

  private void expire() {
    while (!byArrival.isEmpty()
        && (byArrival.size() > maxKeys || byArrival.getFirst().timeUs() < newestUs - windowUs)) {
      keys.remove(byArrival.removeFirst().key());
    }
  }
}
