package dev.millrace.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was published on one topic, as a plain list, and the ids that are still remembered.
final class ModelLog {
  /// `key` is what conflation tells messages apart by. What cannot be encoded has an offset and
  /// reaches nobody.
  record Entry(Priority priority, int key, boolean encodable) {}

  private final String topic;
  private final int idWindow;
  private final List<Entry> entries = new ArrayList<>();
  private final ArrayDeque<String> ids = new ArrayDeque<>(); // remembered
  private final ArrayDeque<String> used = new ArrayDeque<>(); // some that are not, too

  ModelLog(String topic, int idWindow) {
    this.topic = topic;
    this.idWindow = idWindow;
  }

  String topic() {
    return topic;
  }

  /// The offset of the last message, 0 before the first.
  long end() {
    return entries.size();
  }

  Entry at(long offset) {
    return entries.get((int) offset - 1);
  }

  /// Returns whether the message is new.
  boolean add(Entry entry, @Nullable String id) {
    if (id != null && ids.contains(id)) {
      return false;
    }
    if (id != null) {
      ids.add(id);
      used.add(id);
      if (ids.size() > idWindow) {
        ids.remove();
      }
      if (used.size() > idWindow + idWindow / 2) {
        used.remove();
      }
    }
    entries.add(entry);
    return true;
  }

  /// An id that may still be remembered, or may not.
  @Nullable String oldId(int number) {
    return used.isEmpty() ? null : List.copyOf(used).get(number % used.size());
  }

  /// Whether what follows `offset` has a message of the same key that `wish` keeps.
  boolean isReplaced(long offset, ModelWish wish) {
    int key = at(offset).key();
    for (long later = offset + 1; later <= end(); later++) {
      if (at(later).key() == key && at(later).encodable() && wish.keeps(later)) {
        return true;
      }
    }
    return false;
  }
}
