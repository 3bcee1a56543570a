package dev.millrace.connect.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Messages of this instance that have not come back yet, in the order they were sent. Changed by
/// the broker's thread.
final class InFlight {
  private final LinkedHashMap<MessageKey, Outgoing> sent = new LinkedHashMap<>();
  private volatile int size; // written by the broker's thread; statistics read it

  boolean contains(MessageKey key) {
    return sent.containsKey(key);
  }

  void add(Outgoing outgoing) {
    sent.put(outgoing.key, outgoing);
    size = sent.size();
  }

  /// The one that came back, if it is one of ours.
  @Nullable Outgoing remove(MessageKey key) {
    var outgoing = sent.remove(key);
    size = sent.size();
    return outgoing;
  }

  /// Takes out, oldest first, those that Redis took before `nanos` and that did not come back.
  List<Outgoing> takeOverdue(long nanos) {
    List<Outgoing> overdue = new ArrayList<>();
    var all = sent.values().iterator();
    while (all.hasNext()) {
      var oldest = all.next();
      if (oldest.sentNanos - nanos >= 0) {
        break;
      }
      if (oldest.taken) {
        overdue.add(oldest);
        all.remove();
      }
    }
    size = sent.size();
    return overdue;
  }

  /// Takes out all, oldest first.
  List<Outgoing> takeAll() {
    var all = List.copyOf(sent.values());
    sent.clear();
    size = 0;
    return all;
  }

  /// Any thread.
  int size() {
    return size;
  }
}
