package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All logs that one loop keeps, by size, so that memory is taken from a large one when it runs
/// short. Confined to the loop, but for what says otherwise.
final class RetainedLogs {
  /// What giving up a chunk did for the memory.
  enum Relief {
    /// There was nothing that would have helped.
    NONE,
    /// The memory is free once those who have been sent it move on.
    SOON,
    NOW
  }

  private static final int CLASSES = 64;
  private static final int TRIES_PER_CLASS = 64;

  /// Logs whose age is looked at in one go.
  private static final int AGED_AT_ONCE = 4_096;

  private final Counters counters;
  private final List<RetainedLog> all = new ArrayList<>();
  private final @Nullable List<RetainedLog>[] classes; // by the binary logarithm of the bytes
  private int largestClass = -1;
  private int nextAged;
  private boolean closed;

  private long bytes; // of all of them

  // The same. Written by the loop; statistics read it.
  private volatile long keptBytes;

  // Whether asking for memory may help. Written by the loop, read by loops that are short of it.
  private volatile boolean mayGive;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of lists
  RetainedLogs(Counters counters) {
    this.counters = counters;
    this.classes = new List[CLASSES];
  }

  /// Any thread.
  boolean mayGive() {
    return mayGive;
  }

  /// Any thread.
  long keptBytes() {
    return keptBytes;
  }

  void add(RetainedLog log) {
    log.slot = all.size();
    all.add(log);
  }

  void remove(RetainedLog log) {
    leaveClass(log);
    count(log, 0);
    var last = all.removeLast();
    if (last != log) {
      all.set(log.slot, last);
      last.slot = log.slot;
    }
  }

  /// The log has more or less than before.
  void resized(RetainedLog log) {
    long now = log.bytes();
    count(log, now);
    int wanted = now == 0 ? -1 : CLASSES - 1 - Long.numberOfLeadingZeros(now);
    if (wanted != log.sizeClass) {
      leaveClass(log);
      if (wanted >= 0) {
        enterClass(log, wanted);
      }
    }
    if (now > 0 && !mayGive) {
      mayGive = true;
    }
  }

  /// Gives up the oldest piece of one of the largest logs.
  Relief giveUpOldest() {
    for (int sizeClass = largestClass; sizeClass >= 0; sizeClass--) {
      var logs = classes[sizeClass];
      int size = logs == null ? 0 : logs.size();
      for (int i = size - 1; i >= 0 && i >= size - TRIES_PER_CLASS && logs != null; i--) {
        var relief = logs.get(i).giveUpOldest();
        if (relief != Relief.NONE) {
          return relief;
        }
      }
    }
    mayGive = false;
    return Relief.NONE;
  }

  void countForgotten(int messages) {
    counters.forgotten.inc(messages);
  }

  /// Forgets what is too old, going round.
  void age(long nowNanos) {
    for (int i = Math.min(AGED_AT_ONCE, all.size()); i > 0; i--) {
      nextAged = nextAged < all.size() ? nextAged : 0;
      all.get(nextAged++).trim(nowNanos);
    }
  }

  private void count(RetainedLog log, long now) {
    if (now != log.countedBytes) {
      bytes += now - log.countedBytes;
      keptBytes = bytes;
      log.countedBytes = now;
    }
  }

  boolean isClosed() {
    return closed;
  }

  /// From here on nothing is kept.
  void close() {
    closed = true;
    for (var log : all) {
      log.trim(0);
    }
  }

  private void enterClass(RetainedLog log, int sizeClass) {
    var logs = classes[sizeClass];
    if (logs == null) {
      logs = new ArrayList<>();
      classes[sizeClass] = logs;
    }
    log.sizeClass = sizeClass;
    log.classSlot = logs.size();
    logs.add(log);
    largestClass = Math.max(largestClass, sizeClass);
  }

  private void leaveClass(RetainedLog log) {
    var logs = log.sizeClass < 0 ? null : classes[log.sizeClass];
    if (logs != null) {
      var last = logs.removeLast();
      if (last != log) {
        logs.set(log.classSlot, last);
        last.classSlot = log.classSlot;
      }
    }
    log.sizeClass = -1;
  }
}
