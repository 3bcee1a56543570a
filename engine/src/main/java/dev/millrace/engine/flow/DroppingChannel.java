package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Wakeable;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// An edge that drops frames rather than hold up its producer: at once, or once it has been full
/// for its timeout and until there is room again. Exact per frame, whatever the batches.
///
/// With [Overflow#DROP_OLDEST] the capacity counts frames that wait, since frames in the consumer's
/// hand can no longer make room; otherwise those in hand count as well, as on any edge. Positions
/// and watermarks take no room: one follows the last frame kept of those it followed, and where all
/// of them were dropped it is due at once. Nor do barriers. A barrier is never dropped; a newer one
/// takes the place of an older one, of whose checkpoint nothing comes any more.
///
/// Both ends and whoever looks on take one lock, for a few instructions per batch.
public final class DroppingChannel implements EdgeQueue {
  private static final long NEVER = Long.MIN_VALUE;
  private static final int EVENT_TIME = -1; // stands for a watermark among the sources

  private final EdgeSpec spec;
  private final Clock clock;

  // Another one when a chain is built anew, written while the old one stands still.
  private volatile Wakeable producer;
  private volatile Wakeable consumer;
  private final CounterDataPoint dropMetric;
  private @Nullable DropLine dropLine; // set before anything runs, if at all

  // All below guarded by this.
  private final ArrayDeque<Frame> frames = new ArrayDeque<>();
  private final ArrayDeque<Milestone> ahead = new ArrayDeque<>(); // behind frames that wait
  private final LinkedHashMap<Integer, Batch> due = new LinkedHashMap<>(); // by source
  private long head; // ordinal of the first frame that waits, among all that were kept
  private int inHand;
  private long sent;
  private long dropped;
  private long done;
  private boolean producerWaits;
  private boolean ended;
  private boolean abandoned;
  private long fullSince = NEVER;
  private boolean shedding; // full for longer than the timeout
  private Clock.@Nullable Timer timer;

  /// What is told, a position, a watermark or a barrier, once the frames below ordinal `after` have
  /// left.
  private record Milestone(long after, Batch told) {
    boolean isBarrier() {
      return told.barrier() != 0;
    }
  }

  /// Whom to tell of dropped frames that are traced, and between which nodes.
  private record DropLine(Tracing tracing, String from, String to) {
    void tell(Frame frame, Overflow overflow) {
      tracing.dropped(from, to, frame, "overflow: " + overflow.reason());
    }
  }

  public DroppingChannel(
      EdgeSpec spec,
      Clock clock,
      Wakeable producer,
      Wakeable consumer,
      CounterDataPoint dropMetric) {
    this.spec = spec;
    this.clock = clock;
    this.producer = producer;
    this.consumer = consumer;
    this.dropMetric = dropMetric;
  }

  /// Before anything runs: traced frames that find no room are told of, as on the edge from `from`
  /// to `to`.
  public void traces(Tracing tracing, String from, String to) {
    dropLine = new DropLine(tracing, from, to);
  }

  @Override
  public void between(Wakeable newProducer, Wakeable newConsumer) {
    producer = newProducer;
    consumer = newConsumer;
  }

  @Override
  public int capacity() {
    return spec.capacityFrames();
  }

  @Override
  public int mostFree() {
    return spec.overflow() == Overflow.BLOCK ? spec.capacityFrames() : Integer.MAX_VALUE;
  }

  @Override
  public int free() {
    if (spec.overflow() != Overflow.BLOCK) {
      return Integer.MAX_VALUE;
    }
    synchronized (this) {
      return freeNow();
    }
  }

  @Override
  public void send(Batch batch) {
    int lost;
    synchronized (this) {
      sent += batch.size();
      if (abandoned) {
        batch.giveBack();
        return;
      }
      lost = keep(batch);
      dropped += lost;
      if (batch.barrier() != 0) {
        ahead.removeIf(Milestone::isBarrier);
        ahead.add(new Milestone(head + frames.size(), batch));
      }
      if (batch.position() != null) {
        note(Batch.ofPosition(batch.position(), batch.mark(), batch.source()));
      }
      if (batch.watermark() != null) {
        note(new Batch(Batch.NO_FRAMES, 0, null, 0, EVENT_TIME, false, batch.watermark()));
      }
    }
    if (lost > 0) {
      dropMetric.inc(lost);
    }
    consumer.wake();
  }

  @Override
  public synchronized boolean parkProducer() {
    if (freeNow() > 0) {
      return false;
    }
    producerWaits = true;
    if (fullSince == NEVER) {
      fullSince = clock.nanoTime();
      timer = clock.after(spec.timeout(), () -> producer.wake());
    }
    return true;
  }

  @Override
  public void end() {
    synchronized (this) {
      ended = true;
      roomAgain();
    }
    consumer.wake();
  }

  @Override
  public synchronized boolean waiting() {
    return !(frames.isEmpty() && ahead.isEmpty() && due.isEmpty());
  }

  @Override
  public synchronized @Nullable Batch poll() {
    settle();
    long count = Math.min(frames.size(), Batch.MAX_FRAMES);
    var next = ahead.peekFirst();
    if (next != null) {
      count = Math.min(count, Math.max(0, next.after - head));
    }
    if (count == 0 && due.isEmpty()) {
      return next == null ? null : ahead.removeFirst().told; // a barrier that is due
    }
    var taken = new Frame[(int) count];
    for (int i = 0; i < count; i++) {
      taken[i] = frames.remove();
    }
    head += count;
    inHand += (int) count;
    settle();
    var oldest = due.pollFirstEntry();
    boolean lent = Lent.in(taken, 0, taken.length);
    if (oldest == null) {
      return new Batch(taken, taken.length, null, 0, -1, lent);
    }
    var told = oldest.getValue();
    return new Batch(
        taken, taken.length, told.position(), told.mark(), told.source(), lent, told.watermark());
  }

  @Override
  public void release(int credit, int released) {
    boolean wake;
    synchronized (this) {
      inHand -= released;
      done += released;
      wake = producerWaits && released > 0;
      producerWaits &= !wake;
    }
    if (wake) {
      producer.wake();
    }
  }

  @Override
  public synchronized boolean exhausted() {
    return ended && !waiting();
  }

  @Override
  public void abandon() {
    boolean wake;
    synchronized (this) {
      wake = producerWaits;
      abandoned = true;
      roomAgain();
      producerWaits = false;
    }
    if (wake) {
      producer.wake();
    }
  }

  @Override
  public void close() {
    abandon();
    synchronized (this) {
      frames.forEach(Lent::release);
      head += frames.size();
      frames.clear();
      ahead.clear();
      due.clear();
    }
  }

  @Override
  public synchronized long queuedFrames() {
    return abandoned ? 0 : frames.size() + inHand;
  }

  @Override
  public synchronized long totalFrames() {
    return sent;
  }

  @Override
  public synchronized long droppedFrames() {
    return dropped;
  }

  @Override
  public synchronized long discardedFrames() {
    return sent - dropped - done;
  }

  private int freeNow() {
    if (abandoned) {
      return Integer.MAX_VALUE;
    }
    int room = room();
    if (room > 0) {
      roomAgain();
      return room;
    }
    shedding |= fullSince != NEVER && clock.nanoTime() - fullSince >= spec.timeout().toNanos();
    producerWaits &= !shedding;
    return shedding ? Integer.MAX_VALUE : 0;
  }

  private int room() {
    return Math.max(0, spec.capacityFrames() - frames.size() - inHand);
  }

  private void roomAgain() {
    fullSince = NEVER;
    shedding = false;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /// Takes in what there is room for.
  ///
  /// @return how many frames had to go
  private int keep(Batch batch) {
    boolean oldest = spec.overflow() == Overflow.DROP_OLDEST;
    int kept = oldest ? batch.size() : Math.min(batch.size(), room());
    for (int i = 0; i < kept; i++) {
      frames.add(batch.frames()[i]);
    }
    for (int i = kept; i < batch.size(); i++) {
      tellDropped(batch.frames()[i]);
    }
    batch.giveBack(kept, batch.size());
    int tooMany = oldest ? frames.size() - spec.capacityFrames() : 0;
    for (int i = 0; i < tooMany; i++) {
      var gone = frames.remove();
      tellDropped(gone);
      Lent.release(gone);
      head++;
    }
    return oldest ? Math.max(0, tooMany) : batch.size() - kept;
  }

  private void tellDropped(Frame frame) {
    if (dropLine != null) {
      dropLine.tell(frame, spec.overflow());
    }
  }

  private void note(Batch told) {
    settle();
    long after = head + frames.size();
    // Without frames between them the later one of a source is enough.
    var last = ahead.descendingIterator();
    for (boolean same = true; same && last.hasNext(); ) {
      var old = last.next();
      same = old.after == after && !old.isBarrier();
      if (same && old.told.source() == told.source()) {
        last.remove();
      }
    }
    ahead.add(new Milestone(after, told));
    settle();
  }

  /// What follows no frame that waits is due, and what is behind a barrier after that.
  private void settle() {
    for (var next = ahead.peekFirst();
        next != null && next.after <= head && !next.isBarrier();
        next = ahead.peekFirst()) {
      due.put(next.told.source(), next.told);
      ahead.removeFirst();
    }
  }
}
