package dev.millrace.control.log;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// Records that wait to be written. Bounded by their number and by their text; the fuller it is,
/// the more important a record must be to get in. Offering never waits and takes no lock.
///
/// A record keeps its place until it has been written, not only until it was taken. Many threads
/// offer; only the writer takes and releases.
final class LogQueue {
  static final long MAX_CHARS = 32L << 20;
  private static final int CHUNK = 1_024;
  private static final int CHARS_BITS = 40; // of `used`; the rest counts records
  private static final int SPARE_SOME_PERCENT = 75;
  private static final int SPARE_MORE_PERCENT = 90;
  private static final int SAMPLED = 10;

  /// Bounded by `used`, which is taken before and given back after.
  private final MpscUnboundedVarHandleArrayQueue<LogRecord> records;

  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger infos = new AtomicInteger(); // that came while it was nearly full
  private volatile int capacity; // written by whoever starts the service

  LogQueue(int capacity) {
    this(capacity, CHUNK);
  }

  /// `chunk` is how many records it holds before it needs more memory, a power of two.
  LogQueue(int capacity, int chunk) {
    this.capacity = capacity;
    this.records = new MpscUnboundedVarHandleArrayQueue<>(chunk);
  }

  void capacity(int records) {
    capacity = records;
  }

  /// Whether there is room for a record of this level: trace and debug below 75 %, info below 90 %
  /// and then one in ten, all others until it is full.
  boolean admits(Level level) {
    long now = used.get();
    if (!isBelow(now, 100)) {
      return false;
    }
    return switch (level) {
      case TRACE, DEBUG -> isBelow(now, SPARE_SOME_PERCENT);
      case INFO ->
          isBelow(now, SPARE_MORE_PERCENT) || Math.floorMod(infos.getAndIncrement(), SAMPLED) == 0;
      case WARN, ERROR -> true;
    };
  }

  /// Adds a record that was admitted; false if others have filled the queue meanwhile.
  boolean offer(LogRecord record) {
    long place = place(1, record.weight());
    if (records(used.addAndGet(place)) > capacity) {
      used.addAndGet(-place);
      return false;
    }
    return records.offer(record);
  }

  /// The oldest record, or null.
  @Nullable LogRecord take() {
    return records.poll();
  }

  /// Gives back the places of records that were taken.
  void release(int taken, long chars) {
    used.addAndGet(-place(taken, chars));
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  /// Records that wait, those in the writer's hand included.
  int waiting() {
    return records(used.get());
  }

  private boolean isBelow(long now, int percent) {
    return records(now) * 100L < capacity * (long) percent
        && chars(now) * 100 < MAX_CHARS * percent;
  }

  private static long place(int records, long chars) {
    return ((long) records << CHARS_BITS) + chars;
  }

  private static int records(long used) {
    return (int) (used >>> CHARS_BITS);
  }

  private static long chars(long used) {
    return used & ((1L << CHARS_BITS) - 1);
  }
}
