package dev.millrace.net;

import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.ArrayList;

/// The deadlines of one loop's connections, looked over a few times a second. A connection that
/// waits for nothing is not in here, so an idle one costs nothing; setting and clearing are a few
/// field writes. Confined to the loop.
public final class Deadlines {
  private final Clock clock;
  private final ArrayList<Deadline> waiting = new ArrayList<>();

  Deadlines(Clock clock) {
    this.clock = clock;
  }

  /// A deadline that is not set yet; `onMiss` runs on the loop when it is missed.
  public Deadline create(Runnable onMiss) {
    return new Deadline(this, onMiss);
  }

  /// Runs what has been missed. Bounded by what waits when it starts: a missed deadline that is set
  /// again comes up in a later sweep.
  void sweep() {
    long now = clock.nanoTime();
    for (int i = waiting.size() - 1; i >= 0; i--) {
      // Missing one may clear others, which move into the gaps they leave.
      if (i < waiting.size() && waiting.get(i).dueNanos - now <= 0) {
        var missed = waiting.get(i);
        missed.clear();
        missed.onMiss.run();
      }
    }
  }

  /// Deadlines that are set.
  public int size() {
    return waiting.size();
  }

  /// One moment by which something must have happened. Confined to the loop.
  public static final class Deadline {
    private static final int UNSET = -1;

    private final Deadlines owner;
    private final Runnable onMiss;
    private long dueNanos;
    private int index = UNSET;

    private Deadline(Deadlines owner, Runnable onMiss) {
      this.owner = owner;
      this.onMiss = onMiss;
    }

    /// Due `delay` from now, whatever was set before.
    public void set(Duration delay) {
      dueNanos = owner.clock.nanoTime() + delay.toNanos();
      if (index == UNSET) {
        index = owner.waiting.size();
        owner.waiting.add(this);
      }
    }

    public void clear() {
      if (index == UNSET) {
        return;
      }
      var last = owner.waiting.removeLast();
      if (last != this) {
        owner.waiting.set(index, last);
        last.index = index;
      }
      index = UNSET;
    }

    public boolean isSet() {
      return index != UNSET;
    }
  }
}
