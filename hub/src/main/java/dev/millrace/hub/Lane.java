package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The log of one topic in one wire form: a chain of chunks with one writer. Confined to the
/// topic's loop, but for the counters that say otherwise.
///
/// While nobody lags, every turn's frames get a chunk of their own, which is freed as soon as all
/// loops have sent it. While somebody does, the few frames of a turn go on filling the same chunk,
/// so that trickling messages do not each hold one; many get one of their own all the same, for
/// what lies in two chunks costs every subscriber more to write. For the same reason the frames of
/// several turns share a chunk while a crowd is served section by section.
final class Lane {
  private static final int SMALLEST_CHUNK = 1 << 10;

  /// Bytes of one turn that are many.
  private static final int MANY_BYTES = 16 << 10;

  /// A chunk that is full in less time is followed by a larger one.
  private static final long QUICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Topic topic;
  private final WireForm form;
  private final MemoryBudget budget;
  private final int largestChunk;
  private final @Nullable RetainedLog retained;
  private final @Nullable HubShard owner; // unless every frame is made at once
  private final @Nullable Cohort[] cohorts; // by loop
  private final List<QueueGroup> groups = new ArrayList<>(0);
  private int population;
  private Chunk tail;
  private int nextCapacity = SMALLEST_CHUNK;
  private int turnBytes;
  private long messages; // in all chunks before the tail
  private long bytes;
  private boolean dirty;
  private boolean closed;
  private @Nullable LateFrames late; // once something took long

  // Ends of the log as readers may see it. Written by the topic's loop once per turn.
  private volatile long publishedMessages;
  private volatile long publishedBytes;

  // Whether the last chunk may be given back once everybody is served. Written by the topic's loop.
  private volatile boolean filling;

  /// Subscriptions, on any loop, that have a cursor of their own. Written by their loops.
  final AtomicInteger laggards = new AtomicInteger();

  /// Cohorts of which somebody has still to be given what readers may see. Written by their loops.
  final AtomicInteger unserved = new AtomicInteger();

  Lane(Topic topic, WireForm form, HubShard owner, HubSpec spec, int loops) {
    this.topic = topic;
    this.form = form;
    this.owner = owner;
    this.budget = owner.budget();
    this.largestChunk = spec.chunkSize().toIntExact();
    this.cohorts = new @Nullable Cohort[loops];
    this.tail = new Chunk(budget, 0, 0);
    this.retained = null;
  }

  /// One that keeps what everybody has been sent.
  Lane(
      Topic topic,
      WireForm form,
      MemoryBudget budget,
      HubSpec spec,
      int loops,
      RetentionSpec retention,
      RetainedLogs logs) {
    this.topic = topic;
    this.form = form;
    this.owner = null;
    this.budget = budget;
    this.largestChunk = RetainedLog.chunkLimit(retention, spec.chunkSize().toIntExact());
    this.cohorts = new @Nullable Cohort[loops];
    this.tail = new Chunk(budget, 0, 0);
    this.retained = new RetainedLog(this, retention, logs, tail);
  }

  Topic topic() {
    return topic;
  }

  WireForm form() {
    return form;
  }

  @Nullable RetainedLog retained() {
    return retained;
  }

  /// Whether it keeps anything.
  boolean isRetaining() {
    return retained != null && retained.messages() > 0;
  }

  boolean isDeserted() {
    return population == 0;
  }

  Chunk tail() {
    return tail;
  }

  /// Messages since the lane began, readable or not yet.
  long writtenMessages() {
    return messages + tail.writtenFrames();
  }

  long writtenBytes() {
    return bytes + tail.writtenBytes();
  }

  /// Messages since the lane began, as of the last turn. Any loop.
  long publishedMessages() {
    return publishedMessages;
  }

  /// Bytes since the lane began, as of the last turn. Any loop.
  long publishedBytes() {
    return publishedBytes;
  }

  /// Adds one message; readers see it after [#publish()]. Returns whether its frame was the first
  /// of the turn. One that takes long to make is added later, and so are those behind it.
  boolean append(Message message, Stamp stamp, int type, long nowMillis) {
    boolean waits = (late != null && !late.isEmpty()) || form.takesLong(message);
    if (waits && owner != null && late(owner).take(message, stamp, type, nowMillis)) {
      return false;
    }
    return appendNow(null, message, stamp, type, nowMillis);
  }

  private LateFrames late(HubShard here) {
    late = late == null ? new LateFrames(this, here) : late;
    return late;
  }

  /// Adds what has to wait in a form that need not, so that the lane ends where its topic does.
  void catchUp() {
    if (late != null) {
      late.finish();
    }
    publishIfDirty();
  }

  /// Adds a message whose frame may be `made` already.
  boolean appendNow(
      @Nullable MadeFrame made, Message message, Stamp stamp, int type, long nowMillis) {
    int size = made == null ? form.sizeLimit(message, stamp) : made.bytes().length;
    if (!tail.continuesAt(stamp.epoch(), stamp.offset())) {
      startChunk();
    }
    long nowNanos = topic.lastPublishNanos();
    makeRoom(size, nowNanos);
    int before = tail.writtenBytes();
    int saved;
    if (made == null) {
      tail.append(form, message, stamp, type, nowNanos, nowMillis);
      saved = form.saves() ? size - (tail.writtenBytes() - before) : 0;
    } else {
      tail.append(made, message, stamp, type, nowNanos, nowMillis);
      saved = made.saved();
    }
    if (saved > 0) {
      tail.saved(tail.writtenFrames() - 1, saved);
    }
    turnBytes += tail.writtenBytes() - before;
    boolean first = !dirty;
    dirty = true;
    return first;
  }

  /// Like [#publish()], unless nothing was appended since.
  void publishIfDirty() {
    if (dirty) {
      publish();
    }
  }

  /// Ends a turn: lets readers see what was appended, and tells every loop that has subscribers.
  void publish() {
    dirty = false;
    if (closed) {
      return; // in the turn that appended: its last subscriber was closed for want of memory
    }
    int fitting = fitting(turnBytes);
    boolean many = turnBytes >= MANY_BYTES;
    turnBytes = 0;
    if (retained != null) {
      nextCapacity = Math.max(nextCapacity, fitting);
      tail.publish();
    } else {
      boolean served = unserved.get() == 0;
      if (served) {
        nextCapacity = Math.max(fitting, nextCapacity / 2); // turns differ, and one chunk is to do
      }
      if (served && (many || laggards.get() == 0)) {
        startChunk();
      } else {
        filling = true; // before anybody can see it
        tail.publish();
      }
    }
    publishedMessages = writtenMessages();
    publishedBytes = writtenBytes();
    if (retained != null) {
      retained.trim(topic.lastPublishNanos());
    }
    signalReaders();
  }

  /// Whether there may be something to [#settle]. Any loop.
  boolean isFilling() {
    return filling;
  }

  /// Adds the subscribers of one loop and returns the chunk at whose end they begin, with a
  /// reference for them.
  Chunk add(Cohort cohort) {
    cohorts[cohort.shard().number()] = cohort;
    population++;
    return tail.retain();
  }

  /// Returns whether nobody is left.
  boolean remove(Cohort cohort) {
    int number = cohort.shard().number();
    if (cohorts[number] == cohort) {
      cohorts[number] = null;
      population--;
    }
    return population == 0;
  }

  /// Adds a queue group; it begins where a cohort would.
  Chunk add(QueueGroup group) {
    groups.add(group);
    population++;
    return tail.retain();
  }

  /// Returns whether nobody is left.
  boolean remove(QueueGroup group) {
    population -= groups.remove(group) ? 1 : 0;
    return population == 0;
  }

  /// Gives the last chunk back once nobody lags any more, and everybody is served.
  void settle() {
    boolean idle = laggards.get() == 0 && unserved.get() == 0;
    if (retained == null && !closed && !dirty && idle && tail.hasBuffer()) {
      seal();
    }
  }

  /// Ends the last chunk and has those who stand in it move on.
  void seal() {
    startChunk();
    signalReaders();
  }

  void close() {
    closed = true;
    if (late != null) {
      late.close();
    }
    if (retained != null) {
      retained.close();
    }
    tail.release();
  }

  private void makeRoom(int size, long nowNanos) {
    boolean full = retained != null && retained.closes(tail, nowNanos);
    if (tail.hasRoomFor(size) && !full) {
      return;
    }
    if (tail.hasBuffer()) {
      if (full) {
        nextCapacity = fitting(tail.writtenBytes());
      } else if (isToGrow(nowNanos)) {
        nextCapacity = Math.min(largestChunk, nextCapacity * 2);
      }
      startChunk();
    }
    tail.open(Math.max(size, nextCapacity));
  }

  /// Messages that trickle are to take no more memory than they need, also where a crowd is never
  /// served for good.
  private boolean isToGrow(long nowNanos) {
    return retained != null || laggards.get() > 0 || nowNanos - tail.firstNanos() < QUICK_NANOS;
  }

  private void signalReaders() {
    for (var cohort : cohorts) {
      if (cohort != null) {
        cohort.signal();
      }
    }
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).signal();
    }
  }

  private void startChunk() {
    filling = false;
    messages += tail.writtenFrames();
    bytes += tail.writtenBytes();
    var fresh = new Chunk(budget, messages, bytes);
    tail.link(fresh);
    tail.release();
    tail = fresh;
    if (retained != null) {
      retained.begun(fresh);
    }
  }

  private int fitting(int wanted) {
    int power = wanted <= 1 ? 1 : Integer.highestOneBit(wanted - 1) << 1;
    return Math.clamp(power, Math.min(SMALLEST_CHUNK, largestChunk), largestChunk);
  }
}
