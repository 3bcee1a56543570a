package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// One topic of one session. A member of its cohort while it keeps up; otherwise it has a cursor: a
/// chunk, on which it holds a reference, and a frame in it. What it missed while its client was
/// away comes first, by a [Replay]; that is no lag. Confined to the session's loop.
final class Subscription {
  private final Session session;
  private final Cohort cohort;
  private @Nullable SubscribeBatch batch; // while the answer has not been given
  private final int numberInBatch;
  private final @Nullable Position position; // where its client was
  private @Nullable Replay replay;
  private int slot = -1;
  private @Nullable Chunk chunk;
  private int index;
  private @Nullable Backlog backlog; // once something was or may be left out

  Subscription(
      Session session,
      Cohort cohort,
      SubscribeBatch batch,
      int numberInBatch,
      @Nullable Position position) {
    this.session = session;
    this.cohort = cohort;
    this.batch = batch;
    this.numberInBatch = numberInBatch;
    this.position = position;
  }

  Session session() {
    return session;
  }

  Cohort cohort() {
    return cohort;
  }

  int slot() {
    return slot;
  }

  boolean isMember() {
    return slot >= 0;
  }

  boolean lags() {
    return chunk != null;
  }

  // Subscribing.

  void admitted(Chunk start, int frame) {
    lagFrom(start, frame);
    if (position == null) {
      resolve(new SubscribeOutcome.Subscribed(cohort.topic()));
    } else {
      cohort.resume(this, position);
    }
  }

  /// The topic's loop has found where to go on.
  void resumed(Resumption found) {
    if (lags()) {
      backlog = null; // what was counted from where it stood until now
      moveCursor(found.chunk(), found.index());
      found.chunk().release();
      replay = found.replay();
      resolve(found.outcome());
    } else {
      found.release(); // it was given up meanwhile
    }
  }

  void refused(String why) {
    session.forget(this);
    resolve(new SubscribeOutcome.Refused(cohort.topic(), why));
  }

  /// The batch has been answered: data may follow.
  void answered() {
    batch = null;
    session.becomeReady();
  }

  /// Leaves before the answer was known, or after.
  void cancel() {
    cohort.leave(this);
    if (batch != null) {
      batch.withdraw(numberInBatch, this);
    }
  }

  private void resolve(SubscribeOutcome outcome) {
    if (batch != null) {
      batch.resolve(numberInBatch, outcome, this);
    }
  }

  // Membership; for the cohort.

  void becomeMember(int newSlot) {
    slot = newSlot;
  }

  void leaveMembers() {
    slot = -1;
  }

  /// Goes on with a cursor of its own.
  void lagFrom(Chunk from, int frame) {
    chunk = from.retain();
    index = frame;
    cohort.lane().laggards.incrementAndGet();
    session.lags(this);
  }

  void dropCursor() {
    var from = chunk;
    if (from != null) {
      chunk = null;
      backlog = null;
      if (replay != null) {
        replay.close();
        replay = null;
      }
      session.lagsNoMore(this);
      from.release();
      cohort.lagsNoMore();
    }
  }

  // Catching up.

  /// Messages of the lane that this subscription is past.
  long position() {
    var here = chunk;
    return here == null ? cohort.position() : here.firstMessage() + index;
  }

  /// Messages it has still to receive.
  long lagMessages() {
    return lags()
        ? Math.max(0, cohort.lane().publishedMessages() - position()) - leftOutAhead()
        : 0;
  }

  /// Bytes it has still to receive.
  long lagBytes() {
    return bytesToEnd() - (backlog == null ? 0 : backlog.bytesLeftOut());
  }

  /// Bytes in memory because of it, or kept and still to be replayed.
  long heldBytes() {
    return bytesToEnd() + (replay == null ? 0 : replay.bytes());
  }

  private long bytesToEnd() {
    var here = chunk;
    return here == null ? 0 : Math.max(0, cohort.lane().publishedBytes() - here.bytesBefore(index));
  }

  private int leftOutAhead() {
    return backlog == null ? 0 : backlog.leftOut();
  }

  /// What may be left out from here on, counted up to now.
  Backlog backlog() {
    var known = backlog;
    if (known == null) {
      var here = chunk;
      if (here == null) {
        throw new IllegalStateException("a member of the cohort of " + cohort.topic() + " lags");
      }
      known = new Backlog(here, index);
      backlog = known;
    }
    known.scan();
    return known;
  }

  /// Whether it could be written to in this turn.
  boolean hasMore() {
    return lags() && batch == null && (replay != null || position() < cohort.position());
  }

  /// Collects what comes next, never beyond its cohort, so that it can rejoin.
  void collect(Ranges ranges, int byteLimit) {
    var here = chunk;
    if (here == null) {
      return;
    }
    if (replay != null) {
      replay.collect(ranges, byteLimit);
    } else if (backlog == null) {
      ranges.collect(here, index, cohort.position(), byteLimit);
    } else {
      backlog.scan();
      backlog.collect(ranges, here, index, cohort.position(), byteLimit);
    }
  }

  /// What comes next if it has to be copied, or null.
  @Nullable Replay copyingReplay() {
    return replay != null && replay.copies() ? replay : null;
  }

  /// The replay has been moved on.
  void endReplayIfDone() {
    if (replay != null && replay.messages() == 0) {
      replay.close();
      replay = null;
    }
  }

  /// Moves behind what was collected.
  void moveTo(Chunk to, int frame) {
    if (replay == null) {
      moveCursor(to, frame);
    } else {
      replay.moveTo(to, frame);
      endReplayIfDone();
    }
  }

  private void moveCursor(Chunk to, int frame) {
    var from = chunk;
    index = frame;
    if (from != null && from != to) {
      chunk = to.retain();
      from.release();
    }
  }

  /// Moves past what is left out, so that it need not be kept.
  void skipLeftOut() {
    var here = chunk;
    var skipped = backlog;
    if (here != null && skipped != null) {
      int frame = skipped.skip(here, index);
      moveCursor(skipped.skippedTo(), frame);
    }
  }

  /// Joins its cohort if it has caught up with it.
  void rejoinIfCaughtUp() {
    if (lags() && batch == null && replay == null && position() == cohort.position()) {
      dropCursor();
      cohort.rejoin(this);
    }
  }
}
