package dev.millrace.hub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a subscription has before it: frames it will be sent, by priority, frames that a jam leaves
/// out, and frames that it does not want. Since a jam takes the oldest of a priority first, the
/// frames left out of each are those below one message number. Each frame is looked at a bounded
/// number of times however long a jam lasts, and shown to a filter once. Confined to the session's
/// loop.
final class Backlog {
  /// No offset: topics begin with 1.
  static final long NONE = 0;

  private static final int PRIORITIES = Priority.NORMAL.rank() + 1; // that may be left out

  private final Copier copier;
  private final Topic topic;
  private final @Nullable Selection selection;
  private final MessageMarks unwantedMarks = new MessageMarks(); // if there is a selection
  private final int[] waiting = new int[PRIORITIES];
  private final long[] leftOutBelow = new long[PRIORITIES];
  private final @Nullable Chunk[] victimChunk = new @Nullable Chunk[PRIORITIES];
  private final int[] victimIndex = new int[PRIORITIES];
  private Chunk scannedChunk;
  private Chunk skippedTo;
  private int scannedIndex;
  private long position; // of the cursor
  private int leftOut;
  private long bytesLeftOut;
  private long lastLeftOutOffset = NONE; // that the cursor has passed since it was asked
  private int unwanted;
  private long bytesUnwanted;

  /// Starts at a cursor. The chunks behind it stay reachable through the cursor's reference. What
  /// `before` has left out stays left out.
  Backlog(
      Copier copier,
      Topic topic,
      @Nullable Selection selection,
      Chunk chunk,
      int index,
      @Nullable Backlog before) {
    this.copier = copier;
    this.topic = topic;
    this.selection = selection;
    this.scannedChunk = chunk;
    this.skippedTo = chunk;
    restart(chunk, index);
    if (before != null) {
      System.arraycopy(before.leftOutBelow, 0, leftOutBelow, 0, PRIORITIES);
    }
  }

  /// Forgets everything and starts at another cursor.
  void restart(Chunk chunk, int index) {
    scannedChunk = chunk;
    skippedTo = chunk;
    scannedIndex = index;
    position = chunk.firstMessage() + index;
    Arrays.fill(victimChunk, chunk);
    Arrays.fill(victimIndex, index);
    Arrays.fill(waiting, 0);
    Arrays.fill(leftOutBelow, 0);
    leftOut = 0;
    bytesLeftOut = 0;
    lastLeftOutOffset = NONE;
    unwanted = 0;
    bytesUnwanted = 0;
    if (selection != null && selection.conflation() != null) {
      selection.conflation().forgetAll();
    }
  }

  /// Frames ahead of the cursor that will be sent, as of the last scan.
  long messages() {
    return scannedTo() - position - leftOut - unwanted;
  }

  /// Frames ahead of the cursor that will not be sent, as of the last scan.
  int passedOver() {
    return leftOut + unwanted;
  }

  /// Whether frames ahead of the cursor are left out.
  boolean leavesOut() {
    return leftOut > 0;
  }

  long bytesPassedOver() {
    return bytesLeftOut + bytesUnwanted;
  }

  /// Bytes of the lane before the first frame that no scan has seen.
  long scannedBytes() {
    return scannedChunk.bytesBefore(scannedIndex);
  }

  /// The message number up to which frames have been looked at.
  long scannedTo() {
    return scannedChunk.firstMessage() + scannedIndex;
  }

  /// Frames of a priority ahead of the cursor that will be sent, as of the last scan.
  int waiting(Priority priority) {
    return waiting[priority.rank()];
  }

  /// Looks at what has been published since the last scan, up to the lane's message number `until`
  /// and at most `frameLimit` frames.
  void scan(long until, int frameLimit) {
    int open = frameLimit;
    while (open > 0) {
      var next = scannedChunk.next();
      int frames = Chunk.frames(scannedChunk.published());
      int limit = (int) Math.min(frames, until - scannedChunk.firstMessage());
      for (; scannedIndex < limit && open > 0; scannedIndex++, open--) {
        judge(scannedChunk, scannedIndex);
      }
      if (next == null || scannedIndex < frames) {
        return;
      }
      scannedChunk = next;
      scannedIndex = 0;
    }
  }

  private void judge(Chunk chunk, int frame) {
    int priority = priority(chunk, frame);
    long number = chunk.firstMessage() + frame;
    if (selection != null) {
      boolean wanted = selection.keeps(copier, topic, chunk, frame);
      unwantedMarks.note(number, !wanted, position);
      if (!wanted) {
        unwanted++;
        bytesUnwanted += size(chunk, frame);
        return;
      }
      if (selection.conflation() != null) {
        replaceEarlier(selection.conflation(), chunk, frame);
      }
    }
    if (priority < PRIORITIES) {
      if (number < leftOutBelow[priority]) {
        leftOut++;
        bytesLeftOut += size(chunk, frame);
      } else {
        waiting[priority]++;
      }
    }
  }

  /// An earlier frame of the same key need not be sent any more.
  private void replaceEarlier(Conflation conflation, Chunk chunk, int frame) {
    copier.look(topic, chunk, frame);
    var latest = conflation.latestOf(copier.key(conflation.keys()));
    boolean open = latest.number >= position;
    if (open && latest.priority < PRIORITIES) {
      open = latest.number >= leftOutBelow[latest.priority];
      waiting[latest.priority] -= open ? 1 : 0;
    }
    if (open) {
      unwantedMarks.note(latest.number, true, position);
      unwanted++;
      bytesUnwanted += latest.size;
    }
    latest.number = chunk.firstMessage() + frame;
    latest.size = size(chunk, frame);
    latest.priority = priority(chunk, frame);
  }

  /// Leaves out the `frames` oldest of a priority; at least so many must be waiting.
  void leaveOut(Priority priority, int frames) {
    int p = priority.rank();
    var chunk = victimChunk[p];
    int index = victimIndex[p];
    int open = frames;
    while (open > 0) {
      if (chunk == null) {
        throw new IllegalStateException(open + " of " + frames + " " + priority + " are missing");
      }
      if (index == Chunk.frames(chunk.published())) {
        chunk = chunk.next();
        index = 0;
      } else {
        long number = chunk.firstMessage() + index;
        if (priority(chunk, index) == p && number >= leftOutBelow[p] && !isUnwanted(number)) {
          bytesLeftOut += size(chunk, index);
          leftOutBelow[p] = number + 1;
          open--;
        }
        index++;
      }
    }
    victimChunk[p] = chunk;
    victimIndex[p] = index;
    waiting[p] -= frames;
    leftOut += frames;
  }

  /// Like [Ranges#collect], without the frames that are left out or not wanted, and not beyond the
  /// last scan; with `toGap` not beyond what is left out either.
  void collect(
      Ranges ranges, Chunk start, int from, long messageLimit, int byteLimit, boolean toGap) {
    ranges.clear();
    long end = Math.min(messageLimit, scannedTo());
    var chunk = start;
    int frame = from;
    boolean full = false;
    while (!full) {
      var next = chunk.next();
      int frames = Chunk.frames(chunk.published());
      int limit = (int) Math.min(frames, end - chunk.firstMessage());
      int runStart = frame;
      while (frame < limit && !full) {
        if (isPassedOver(chunk, frame)) {
          endRun(ranges, chunk, runStart, frame);
          runStart = frame;
          full = toGap && ranges.count() > 0;
          if (!full) {
            passOver(chunk, frame);
            runStart = ++frame;
          }
        } else {
          int taken = ranges.bytes() + chunk.start(frame) - chunk.start(runStart);
          full = ranges.isFull() || (taken > 0 && taken + size(chunk, frame) > byteLimit);
          if (!full) {
            int priority = priority(chunk, frame);
            frame++;
            if (priority < PRIORITIES) {
              waiting[priority]--;
            }
          }
        }
      }
      endRun(ranges, chunk, runStart, frame);
      if (full || next == null || frame < frames) {
        break;
      }
      chunk = next;
      frame = 0;
    }
    ranges.endAt(chunk, frame);
    passed(chunk, frame);
  }

  private static void endRun(Ranges ranges, Chunk chunk, int fromFrame, int toFrame) {
    if (toFrame > fromFrame) {
      ranges.add(chunk, fromFrame, toFrame, chunk.start(fromFrame), chunk.start(toFrame));
    }
  }

  /// Walks over the frames at a cursor that will not be sent. Returns the frame it ends at, in
  /// [#skippedTo()].
  int skip(Chunk start, int from) {
    var chunk = start;
    int frame = from;
    while (true) {
      var next = chunk.next();
      int frames = Chunk.frames(chunk.published());
      int limit = (int) Math.min(frames, scannedTo() - chunk.firstMessage());
      while (frame < limit && isPassedOver(chunk, frame)) {
        passOver(chunk, frame);
        frame++;
      }
      if (next == null || frame < frames) {
        break;
      }
      chunk = next;
      frame = 0;
    }
    skippedTo = chunk;
    passed(chunk, frame);
    return frame;
  }

  Chunk skippedTo() {
    return skippedTo;
  }

  private boolean isPassedOver(Chunk chunk, int frame) {
    long number = chunk.firstMessage() + frame;
    return isUnwanted(number) || isLeftOut(priority(chunk, frame), number);
  }

  private void passOver(Chunk chunk, int frame) {
    if (isUnwanted(chunk.firstMessage() + frame)) {
      unwanted--;
      bytesUnwanted -= size(chunk, frame);
    } else {
      leftOut--;
      bytesLeftOut -= size(chunk, frame);
      lastLeftOutOffset = chunk.offset(frame);
    }
  }

  /// The offset of the last message that was left out before the cursor, since this was asked, or
  /// [#NONE].
  long takeLeftOut() {
    long offset = lastLeftOutOffset;
    lastLeftOutOffset = NONE;
    return offset;
  }

  boolean hasLeftOut() {
    return lastLeftOutOffset != NONE;
  }

  private boolean isUnwanted(long number) {
    return selection != null && unwantedMarks.isMarked(number);
  }

  private boolean isLeftOut(int priority, long number) {
    return priority < PRIORITIES && number < leftOutBelow[priority];
  }

  private static int priority(Chunk chunk, int frame) {
    return FrameIndex.priority(chunk.entry(frame)).rank();
  }

  private static int size(Chunk chunk, int frame) {
    return chunk.start(frame + 1) - chunk.start(frame);
  }

  /// What the cursor is past can no longer be left out.
  private void passed(Chunk chunk, int frame) {
    position = chunk.firstMessage() + frame;
    for (int p = 0; p < PRIORITIES; p++) {
      var victim = victimChunk[p];
      if (victim == null || victim.firstMessage() + victimIndex[p] < position) {
        victimChunk[p] = chunk;
        victimIndex[p] = frame;
      }
    }
    if (selection != null && selection.conflation() != null) {
      selection.conflation().passed(position, (int) Math.min(messages(), Integer.MAX_VALUE / 4));
    }
  }
}
