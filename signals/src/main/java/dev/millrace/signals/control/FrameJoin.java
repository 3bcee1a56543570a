package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Brings frames of several inputs together by their sequence. Each input delivers in order, so a
/// round is known to be complete, or to stay incomplete, as soon as every input has delivered that
/// sequence or a later one. A sequence that falls begins a new run of numbers, which comes after
/// the one before. Frames of one input with the same sequence make a round each.
///
/// Confined to the thread of its node.
final class FrameJoin {
  private static final int MOST_WAITING = 1 << 20;

  private final List<Lane> lanes = new ArrayList<>();
  private @Nullable Key emitted; // of the last round
  private int waiting;

  /// Where a frame stands in its input: in which run of numbers, and its number there, unsigned.
  private record Key(long run, long sequence) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byRun = Long.compare(run, other.run);
      return byRun != 0 ? byRun : Long.compareUnsigned(sequence, other.sequence);
    }
  }

  private record Waiting(Key key, Frame frame, long sinceNanos) {}

  /// One input.
  private static final class Lane {
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private @Nullable Key last; // the latest that came
    private boolean inRound = true; // whether it was part of the last round

    /// Notes that a frame of this sequence came, and says where it stands.
    Key reach(long sequence) {
      var before = last;
      boolean falls = before != null && Long.compareUnsigned(sequence, before.sequence) < 0;
      var key = new Key(before == null ? 0 : falls ? before.run + 1 : before.run, sequence);
      last = key;
      return key;
    }

    @Nullable Key head() {
      var first = queue.peekFirst();
      return first == null ? null : first.key;
    }
  }

  FrameJoin(int inputs) {
    for (int i = 0; i < inputs; i++) {
      lanes.add(new Lane());
    }
  }

  /// Takes a frame; false if it is too late, for its round has gone on without it.
  boolean offer(int input, Frame frame, long nowNanos) {
    var lane = lanes.get(input);
    var key = lane.reach(frame.sequence());
    if (emitted != null) {
      int order = key.compareTo(emitted);
      if (order < 0 || (order == 0 && !lane.inRound)) {
        return false;
      }
    }
    lane.queue.addLast(new Waiting(key, frame, nowNanos));
    waiting++;
    return true;
  }

  /// Notes that an input has come to `sequence` without a frame to join.
  void pass(int input, long sequence) {
    lanes.get(input).reach(sequence);
  }

  /// Frames that wait.
  int waiting() {
    return waiting;
  }

  /// When the frame came that waits longest; only while one does.
  long oldestNanos() {
    long oldest = 0;
    boolean found = false;
    for (var lane : lanes) {
      var first = lane.queue.peekFirst();
      if (first != null && (!found || first.sinceNanos - oldest < 0)) {
        oldest = first.sinceNanos;
        found = true;
      }
    }
    return oldest;
  }

  /// The next round that nothing can be added to, one place per input; null while there is none.
  @Nullable Frame @Nullable [] next() {
    var least = least();
    if (least == null) {
      return null;
    }
    for (var lane : lanes) {
      if (lane.queue.isEmpty() && (lane.last == null || lane.last.compareTo(least) <= 0)) {
        return null;
      }
    }
    return round(least);
  }

  /// The next round as it is; null when nothing waits.
  @Nullable Frame @Nullable [] force() {
    var least = least();
    return least == null ? null : round(least);
  }

  private @Nullable Frame[] round(Key key) {
    var frames = new @Nullable Frame[lanes.size()];
    for (int i = 0; i < frames.length; i++) {
      var lane = lanes.get(i);
      var head = lane.queue.peekFirst();
      lane.inRound = head != null && head.key.equals(key);
      if (head != null && lane.inRound) {
        lane.queue.removeFirst();
        frames[i] = head.frame;
        waiting--;
      }
    }
    emitted = key;
    return frames;
  }

  private @Nullable Key least() {
    Key least = null;
    for (var lane : lanes) {
      var head = lane.head();
      if (head != null && (least == null || head.compareTo(least) < 0)) {
        least = head;
      }
    }
    return least;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(lanes.size());
    save(emitted, out);
    for (var lane : lanes) {
      save(lane.last, out);
      out.writeBoolean(lane.inRound);
      out.writeInt(lane.queue.size());
      for (var one : lane.queue) {
        save(one.key, out);
        FrameCodec.write(one.frame, out);
      }
    }
  }

  /// What is restored has waited since `nowNanos`.
  void restore(DataInput in, long nowNanos) throws IOException {
    int inputs = in.readInt();
    if (inputs != lanes.size()) {
      throw new IOException("saved with " + inputs + " inputs, and there are " + lanes.size());
    }
    waiting = 0;
    emitted = restoreKey(in);
    for (var lane : lanes) {
      lane.queue.clear();
      lane.last = restoreKey(in);
      lane.inRound = in.readBoolean();
      for (int left = FrameCodec.size(in, MOST_WAITING); left > 0; left--) {
        var key = restoreKey(in);
        if (key == null) {
          throw new IOException("a frame that waits has no place");
        }
        lane.queue.addLast(new Waiting(key, FrameCodec.read(in), nowNanos));
        waiting++;
      }
    }
  }

  private static void save(@Nullable Key key, DataOutput out) throws IOException {
    out.writeBoolean(key != null);
    if (key != null) {
      out.writeLong(key.run);
      out.writeLong(key.sequence);
    }
  }

  private static @Nullable Key restoreKey(DataInput in) throws IOException {
    return in.readBoolean() ? new Key(in.readLong(), in.readLong()) : null;
  }
}
