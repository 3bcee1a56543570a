package dev.millrace.hub;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What a lane appends later than it was published, in order: messages whose frames are being made
/// on another thread because that takes long, and whatever came behind them. Other lanes do not
/// wait. What finds no room, and what waits when somebody needs the lane complete, goes out in the
/// form that takes no time. Confined to the topic's loop.
final class LateFrames {
  /// One message, with the place it has.
  private static final class Waiting {
    final Message message;
    final int epoch;
    final long offset;
    final long idHigh;
    final long idLow;
    final int type;
    final long millis;
    boolean awaited; // its frame is being made, and nobody has given up on it
    @Nullable MadeFrame made;

    Waiting(Message message, Stamp at, int type, long millis) {
      this.message = message;
      this.epoch = at.epoch();
      this.offset = at.offset();
      this.idHigh = at.idHigh();
      this.idLow = at.idLow();
      this.type = type;
      this.millis = millis;
    }
  }

  private final Lane lane;
  private final HubShard owner;
  private final long mostBytes;
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>(4);
  private final Stamp stamp = new Stamp();
  private long bytes;

  LateFrames(Lane lane, HubShard owner) {
    this.lane = lane;
    this.owner = owner;
    this.mostBytes = owner.spec().compression().backgroundBytes().bytes();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /// Takes a message that has to wait. Returns false if it can be appended now: then nothing waits
  /// before it.
  boolean take(Message message, Stamp at, int type, long millis) {
    if (bytes > 0 && bytes + message.waitingBytes() > mostBytes) {
      finish();
    }
    var waiting = new Waiting(message, at, type, millis);
    var form = lane.form();
    if (form.takesLong(message)) {
      waiting.awaited =
          form.encodeElsewhere(message, at, made -> owner.tell(() -> arrived(waiting, made)));
      if (!waiting.awaited) {
        owner.counters().framesNotAwaited.inc();
      }
    }
    if (!waiting.awaited && queue.isEmpty()) {
      return false;
    }
    queue.add(waiting);
    bytes += message.waitingBytes();
    owner.budget().take(message.waitingBytes());
    owner.late().incrementAndGet();
    return true;
  }

  /// Appends all of it now, what is still being made in the other form.
  void finish() {
    for (var next = queue.peek(); next != null; next = queue.peek()) {
      if (next.awaited) {
        next.awaited = false;
        owner.counters().framesNotAwaited.inc();
      }
      append(next);
    }
  }

  /// The lane is gone.
  void close() {
    for (var next = queue.peek(); next != null; next = queue.peek()) {
      next.awaited = false;
      remove(next);
    }
  }

  private void arrived(Waiting waiting, @Nullable MadeFrame made) {
    if (!waiting.awaited) {
      return;
    }
    waiting.awaited = false;
    waiting.made = made;
    (made == null ? owner.counters().framesNotAwaited : owner.counters().framesMadeElsewhere).inc();
    for (var next = queue.peek(); next != null && !next.awaited; next = queue.peek()) {
      append(next);
    }
  }

  private void append(Waiting next) {
    remove(next);
    stamp.in(lane.topic().name()).set(next.epoch, next.offset, next.idHigh, next.idLow);
    try {
      if (lane.appendNow(next.made, next.message, stamp, next.type, next.millis)) {
        owner.dirty(lane);
      }
    } catch (RuntimeException failure) {
      owner.appender().unencodable(lane, next.message, failure);
    }
  }

  private void remove(Waiting first) {
    queue.remove();
    bytes -= first.message.waitingBytes();
    owner.budget().giveBack(first.message.waitingBytes());
    owner.late().decrementAndGet();
  }
}
