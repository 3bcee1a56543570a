package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The newest frames, a bounded number. One thread adds, without a lock; any thread reads, and
/// leaves out what is overwritten meanwhile. Lent arrays are copied into arrays that a frame
/// before in the same place had, so that a full ring makes no more of them.
final class FrameRing {
  private final @Nullable Frame[] slots; // an element is read freely and judged afterwards
  private final boolean[] own; // whether a slot's arrays are the ring's; the adding thread's alone

  // Both written by the adding thread, which says what it begins before it overwrites, and what it
  // has done afterwards; a reader looks at them the other way round.
  private volatile long begun;
  private volatile long done;

  FrameRing(int capacity) {
    slots = new @Nullable Frame[capacity];
    own = new boolean[capacity];
  }

  void add(Frame frame) {
    long number = done;
    int at = (int) (number % slots.length);
    begun = number + 1;
    VarHandle.storeStoreFence(); // what is overwritten must not be seen before `begun` is
    if (frame.body() instanceof Samples samples && samples.lent()) {
      slots[at] = frame.withBody(kept(samples, own[at] ? slots[at] : null));
      own[at] = true;
    } else {
      slots[at] = frame;
      own[at] = false;
    }
    done = number + 1;
  }

  /// Frames added so far.
  long added() {
    return done;
  }

  /// Copies of what is there, oldest first. Any thread.
  List<Frame> frames() {
    long end = done;
    var frames = new ArrayList<Frame>();
    for (long number = Math.max(0, end - slots.length); number < end; number++) {
      var frame = slots[(int) (number % slots.length)];
      if (frame == null) {
        continue;
      }
      var copy = frame.body() instanceof Samples samples ? frame.withBody(copy(samples)) : frame;
      VarHandle.loadLoadFence();
      if (begun <= number + slots.length) { // nobody had begun to overwrite it
        frames.add(copy);
      }
    }
    return frames;
  }

  private static Samples kept(Samples samples, @Nullable Frame before) {
    if (before == null || !(before.body() instanceof Samples old) || !sameShape(samples, old)) {
      return copy(samples);
    }
    for (int i = 0; i < samples.count(); i++) {
      System.arraycopy(samples.channel(i), 0, old.channel(i), 0, samples.channel(i).length);
    }
    return old.tags().equals(samples.tags()) ? old : old.withTags(samples.tags());
  }

  private static boolean sameShape(Samples one, Samples other) {
    if (one.count() != other.count()) {
      return false;
    }
    for (int i = 0; i < one.count(); i++) {
      if (!one.name(i).equals(other.name(i)) || one.channel(i).length != other.channel(i).length) {
        return false;
      }
    }
    return true;
  }

  private static Samples copy(Samples samples) {
    var channels = new LinkedHashMap<String, double[]>();
    samples.channels().forEach((name, values) -> channels.put(name, values.clone()));
    var copy = Samples.of(channels);
    return samples.tags().isEmpty() ? copy : copy.withTags(samples.tags());
  }

  /// Forgets everything; on the adding thread.
  void clear() {
    begun = 0;
    done = 0;
    Arrays.fill(slots, null);
    Arrays.fill(own, false);
  }
}
