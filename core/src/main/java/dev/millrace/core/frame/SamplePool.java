package dev.millrace.core.frame;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/// Arrays of samples that are used again, by their exact length: a graph moves frames of few
/// lengths, and an array without slack is one that any code can read. Safe from any thread.
///
/// At most `maxIdle` arrays of one length wait for use, of at most sixteen lengths; what comes back
/// beyond that is left to the collector.
public final class SamplePool implements SampleLender {
  private static final int MOST_LENGTHS = 16;

  private final int maxIdle;
  private final boolean poison;
  private final LongAdder lent = new LongAdder();
  private final LongAdder returned = new LongAdder();
  private final LongAdder made = new LongAdder();

  // Replaced as a whole under this, read by anybody.
  private volatile Shelf[] shelves = new Shelf[0];

  /// Idle arrays of one length.
  private static final class Shelf {
    private final int length;
    private final ArrayDeque<SampleBuffer> idle = new ArrayDeque<>(); // guarded by this

    Shelf(int length) {
      this.length = length;
    }

    synchronized @org.jspecify.annotations.Nullable SampleBuffer poll() {
      return idle.pollLast();
    }

    synchronized void add(SampleBuffer buffer, int most) {
      if (idle.size() < most) {
        idle.addLast(buffer);
      }
    }

    synchronized int size() {
      return idle.size();
    }
  }

  /// `poison` fills what comes back with NaN, so that whoever still reads it is found out.
  public SamplePool(int maxIdle, boolean poison) {
    if (maxIdle < 0) {
      throw new IllegalArgumentException("maxIdle " + maxIdle + " < 0");
    }
    this.maxIdle = maxIdle;
    this.poison = poison;
  }

  @Override
  public SampleBuffer take(int samples) {
    lent.increment();
    var shelf = find(samples);
    var buffer = shelf == null ? null : shelf.poll();
    if (buffer == null) {
      made.increment();
      buffer = new SampleBuffer(samples, this::takeBack);
    }
    buffer.lend();
    return buffer;
  }

  /// Makes `count` arrays of `samples` samples ready.
  public void prepare(int samples, int count) {
    for (int i = 0; i < Math.min(count, maxIdle); i++) {
      made.increment();
      keep(new SampleBuffer(samples, this::takeBack));
    }
  }

  /// Arrays that wait for use.
  public int idle() {
    int sum = 0;
    for (var shelf : shelves) {
      sum += shelf.size();
    }
    return sum;
  }

  /// Arrays that somebody has.
  public long inUse() {
    return Math.max(0, lent.sum() - returned.sum());
  }

  /// Arrays that had to be made since the beginning.
  public long made() {
    return made.sum();
  }

  private void takeBack(SampleBuffer buffer) {
    returned.increment();
    if (poison) {
      Arrays.fill(buffer.content(), Double.NaN);
    }
    keep(buffer);
  }

  private void keep(SampleBuffer buffer) {
    var shelf = find(buffer.length());
    if (shelf == null) {
      shelf = addShelf(buffer.length());
    }
    if (shelf != null) {
      shelf.add(buffer, maxIdle);
    }
  }

  private @org.jspecify.annotations.Nullable Shelf find(int length) {
    for (var shelf : shelves) {
      if (shelf.length == length) {
        return shelf;
      }
    }
    return null;
  }

  private synchronized @org.jspecify.annotations.Nullable Shelf addShelf(int length) {
    var there = find(length);
    if (there != null || shelves.length == MOST_LENGTHS) {
      return there;
    }
    var more = Arrays.copyOf(shelves, shelves.length + 1);
    var shelf = new Shelf(length);
    more[shelves.length] = shelf;
    shelves = more;
    return shelf;
  }
}
