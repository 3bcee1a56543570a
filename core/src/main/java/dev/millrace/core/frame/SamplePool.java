package dev.millrace.core.frame;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/// Arrays of samples that are used again, by their exact length: a graph moves frames of few
/// lengths, and an array without slack is one that any code can read. Safe from any thread.
///
/// At most `maxIdle` arrays of one length wait for use, and of long ones no more than 32 MiB of a
/// length, but two; of at most sixteen lengths, where one that nobody takes any more makes room for
/// another. What comes back beyond that is left to the collector.
public final class SamplePool implements SampleLender {
  private static final int MOST_LENGTHS = 16;
  private static final int MOST_SAMPLES = 1 << 22; // of one length
  private static final int LEAST = 2; // one is written while another is read

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
    private final int most;
    private final ArrayDeque<SampleBuffer> idle = new ArrayDeque<>(); // guarded by this
    private boolean wanted = true; // since somebody last asked; guarded by this

    Shelf(int length, int maxIdle) {
      this.length = length;
      this.most = Math.min(maxIdle, Math.max(LEAST, MOST_SAMPLES / Math.max(1, length)));
    }

    synchronized @org.jspecify.annotations.Nullable SampleBuffer poll() {
      wanted = true;
      return idle.pollLast();
    }

    synchronized void add(SampleBuffer buffer) {
      if (idle.size() < most) {
        idle.addLast(buffer);
      }
    }

    /// Whether somebody wanted one since the last call.
    synchronized boolean wasWanted() {
      boolean was = wanted;
      wanted = false;
      return was;
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
      shelf.add(buffer);
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

  /// A shelf for arrays of a length that has none, null where all are still in use.
  private synchronized @org.jspecify.annotations.Nullable Shelf addShelf(int length) {
    var there = find(length);
    if (there != null) {
      return there;
    }
    int at = shelves.length == MOST_LENGTHS ? unwanted() : shelves.length;
    if (at < 0) {
      return null;
    }
    var changed = Arrays.copyOf(shelves, Math.max(shelves.length, at + 1));
    var shelf = new Shelf(length, maxIdle);
    changed[at] = shelf;
    shelves = changed;
    return shelf;
  }

  /// The place of a shelf that nobody has wanted since it was last looked at, or -1.
  private int unwanted() {
    int found = -1;
    for (int i = 0; i < shelves.length; i++) {
      if (!shelves[i].wasWanted()) {
        found = i;
      }
    }
    return found;
  }
}
