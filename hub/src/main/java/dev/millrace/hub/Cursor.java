package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// Where one subscription stands in its lane while it lags, and what it takes of what is before it:
/// a chunk, on which it holds a reference, and a frame in it. What its client missed while it was
/// away comes first, by a [Replay]; that is no lag. Confined to the session's loop.
final class Cursor {
  /// Frames looked at for a filter in one turn.
  private static final int SCAN = 4_096;

  private final Cohort cohort;
  private final Copier copier;
  private @Nullable Section section; // once it is admitted to one
  private @Nullable Selection selection; // unless everything is taken
  private @Nullable Chunk chunk; // while it lags
  private int index;
  private @Nullable Backlog backlog; // while there is a selection, or something may be left out
  private @Nullable Replay replay;
  private boolean stale; // until it has caught up
  private boolean sought; // the topic's loop looks where it goes on

  Cursor(Cohort cohort, Copier copier) {
    this.cohort = cohort;
    this.copier = copier;
  }

  @Nullable Selection selection() {
    return selection;
  }

  /// From here on takes what `chosen` keeps, null for everything.
  void select(@Nullable Selection chosen) {
    selection = chosen;
    var here = chunk;
    backlog = here == null ? null : new Backlog(copier, topic(), chosen, here, index, backlog);
    if (replay != null) {
      replay.select(chosen, copier);
    }
  }

  // Coming and going.

  void admitted(Section to) {
    section = to;
  }

  Section section() {
    var known = section;
    if (known == null) {
      throw new IllegalStateException("nobody has been admitted to " + cohort.topic() + " yet");
    }
    return known;
  }

  boolean isSet() {
    return chunk != null;
  }

  void set(Chunk from, int frame) {
    chunk = from.retain();
    index = frame;
    if (selection != null) {
      startBacklog(from, frame);
    }
  }

  /// Until [#resume] it stands where it need not stay.
  void seek() {
    sought = true;
  }

  boolean isSought() {
    return sought;
  }

  /// Goes on where the topic's loop found its client's position. What was counted until now was
  /// from where it stood.
  void resume(Resumption found) {
    sought = false;
    moveHere(found.chunk(), found.index());
    found.chunk().release();
    if (selection == null) {
      backlog = null;
    } else {
      startBacklog(found.chunk(), found.index());
    }
    replay = found.replay();
    if (replay != null) {
      replay.select(selection, copier);
    }
  }

  void clear() {
    var from = chunk;
    if (from == null) {
      return;
    }
    chunk = null;
    stale = false;
    backlog = selection == null ? null : backlog;
    if (replay != null) {
      replay.close();
      replay = null;
    }
    from.release();
  }

  // How far.

  /// Messages of the lane that it is past.
  long position() {
    var here = chunk;
    return here == null ? section().position() : here.firstMessage() + index;
  }

  /// What is left out may be beyond its section, which would deliver it.
  boolean hasCaughtUp() {
    return replay == null
        && position() == section().position()
        && !hasGap()
        && (backlog == null || !backlog.leavesOut());
  }

  /// Whether it could be moved on in this turn.
  boolean hasMore() {
    return replay != null || hasGap() || (position() < section().position() && !isHeld());
  }

  /// Whether its frames go out with fresh timestamps, if its session wants that.
  boolean isStale() {
    return stale;
  }

  /// Messages it has still to give, as far as they have been looked at.
  long lagMessages() {
    if (!isSet() || sought) {
      return 0;
    }
    if (selection != null) {
      return backlog().messages();
    }
    long passedOver = backlog == null ? 0 : backlog.passedOver();
    return Math.max(0, cohort.lane().publishedMessages() - position()) - passedOver;
  }

  /// Bytes it has still to give, as far as they have been looked at.
  long lagBytes() {
    var here = chunk;
    if (selection != null && backlog != null && here != null) {
      return backlog.scannedBytes() - here.bytesBefore(index) - backlog.bytesPassedOver();
    }
    return bytesToEnd() - (backlog == null ? 0 : backlog.bytesPassedOver());
  }

  /// Bytes in memory because of it, or kept and still to be replayed.
  long heldBytes() {
    return bytesToEnd() + (replay == null ? 0 : replay.bytes());
  }

  private long bytesToEnd() {
    var here = chunk;
    return here == null ? 0 : Math.max(0, cohort.lane().publishedBytes() - here.bytesBefore(index));
  }

  /// What is before it, counted up to now.
  Backlog backlog() {
    var known = backlog;
    if (known == null) {
      var here = chunk;
      if (here == null) {
        throw new IllegalStateException("a member of the cohort of " + cohort.topic() + " lags");
      }
      known = startBacklog(here, index);
    }
    known.scan(Long.MAX_VALUE, scanLimit());
    return known;
  }

  private Backlog startBacklog(Chunk from, int frame) {
    var known = backlog;
    if (known == null) {
      known = new Backlog(copier, topic(), selection, from, frame, null);
      backlog = known;
    } else {
      known.restart(from, frame);
    }
    return known;
  }

  private int scanLimit() {
    return selection == null ? Integer.MAX_VALUE : SCAN;
  }

  private Topic topic() {
    return cohort.lane().topic();
  }

  // Conflation.

  @Nullable Conflation conflation() {
    return selection == null ? null : selection.conflation();
  }

  /// Whether nothing must be given yet.
  boolean isHeld() {
    var conflation = conflation();
    return conflation != null && conflation.isHeld(copier.nowNanos());
  }

  /// Whether only the time of its conflation is waited for.
  boolean waitsForItsTime() {
    return replay == null && isHeld();
  }

  // Moving on.

  /// Collects what comes next, never beyond its section, so that it can rejoin. `refreshes`: the
  /// session wants to know what is stale.
  void collect(Ranges ranges, int byteLimit, boolean refreshes) {
    var here = chunk;
    if (here == null) {
      return;
    }
    if (replay != null) {
      replay.collect(ranges, byteLimit);
    } else {
      collect(ranges, here, index, section().position(), byteLimit);
    }
    if (!stale && refreshes && ranges.count() > 0) {
      stale = copier.isStale(ranges.chunk(0), ranges.firstFrame(0));
    }
  }

  private void collect(Ranges ranges, Chunk from, int frame, long end, int byteLimit) {
    if (backlog == null) {
      ranges.collect(from, frame, end, byteLimit);
      return;
    }
    var conflation = conflation();
    long limit = conflation == null ? end : conflation.round(end, copier.nowNanos());
    backlog.scan(limit, scanLimit());
    backlog.collect(ranges, from, frame, limit, byteLimit, cohort.form().showsGaps());
    if (conflation != null) {
      long reached = ranges.endChunk().firstMessage() + ranges.endIndex();
      conflation.reached(reached, ranges.messages());
    }
  }

  /// Copies all of what the section delivers in this turn to a member that does not lag.
  void copyDelivery(Ranges ranges, CopyPath path) {
    var from = section().chunk();
    int frame = section().index();
    long end = section().deliveryEnd();
    if (selection != null) {
      startBacklog(from, frame);
    }
    while (from.firstMessage() + frame < end) {
      collect(ranges, from, frame, end, Integer.MAX_VALUE);
      path.copy(ranges, topic(), false);
      from = ranges.endChunk();
      frame = ranges.endIndex();
    }
  }

  /// Whether what comes next is copied for another reason than what its session wants done to all
  /// frames: it comes in another form, or with a fresh timestamp, if it `refreshes`.
  boolean makesCopies(boolean refreshes) {
    return stale
        || (replay != null && replay.copies())
        || (refreshes && (replay == null ? isNextStale() : replay.isStale(copier)));
  }

  private boolean isNextStale() {
    int frame = index;
    for (var at = chunk; at != null; at = at.next(), frame = 0) {
      if (frame < Chunk.frames(at.published())) {
        return copier.isStale(at, frame);
      }
    }
    return false;
  }

  /// What comes next if it is kept in another form, or null.
  @Nullable Replay copyingReplay(boolean refreshes) {
    if (replay == null || !replay.copies()) {
      return null;
    }
    stale |= refreshes && replay.isStale(copier);
    return replay;
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
      moveHere(to, frame);
    } else {
      replay.moveTo(to, frame);
      endReplayIfDone();
    }
  }

  private void moveHere(Chunk to, int frame) {
    var from = chunk;
    index = frame;
    if (from != null && from != to) {
      chunk = to.retain();
      from.release();
    }
  }

  /// Whether its client has to be told of messages that it went without.
  private boolean hasGap() {
    return backlog != null && backlog.hasLeftOut() && cohort.form().showsGaps();
  }

  /// The offset of the last of the messages before it that its client goes without and notices,
  /// once, or 0.
  long takeGap() {
    if (replay != null || backlog == null || !cohort.form().showsGaps()) {
      return Backlog.NONE;
    }
    skipPassedOver();
    return backlog.takeLeftOut();
  }

  /// Moves past what will not be sent, so that it need not be kept.
  void skipPassedOver() {
    var here = chunk;
    var known = backlog;
    if (here != null && known != null) {
      int frame = known.skip(here, index);
      moveHere(known.skippedTo(), frame);
    }
  }
}
