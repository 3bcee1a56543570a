package dev.millrace.hub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a jammed subscription has before it, by priority, and what of that is left out. Since the
/// oldest of a priority go first, the frames left out of each are those below one message number.
/// Each frame is looked at a bounded number of times however long the jam lasts. Confined to the
/// session's loop.
final class Backlog {
  private static final int PRIORITIES = Priority.NORMAL.rank() + 1; // that may be left out

  private final int[] waiting = new int[PRIORITIES];
  private final long[] leftOutBelow = new long[PRIORITIES];
  private final @Nullable Chunk[] victimChunk = new @Nullable Chunk[PRIORITIES];
  private final int[] victimIndex = new int[PRIORITIES];
  private Chunk scannedChunk;
  private Chunk skippedTo;
  private int scannedIndex;
  private int leftOut;
  private long bytesLeftOut;

  /// Starts at a cursor. The chunks behind it stay reachable through the cursor's reference.
  Backlog(Chunk chunk, int index) {
    this.scannedChunk = chunk;
    this.skippedTo = chunk;
    this.scannedIndex = index;
    Arrays.fill(victimChunk, chunk);
    Arrays.fill(victimIndex, index);
  }

  /// Frames ahead of the cursor that will be left out.
  int leftOut() {
    return leftOut;
  }

  long bytesLeftOut() {
    return bytesLeftOut;
  }

  /// Frames of a priority ahead of the cursor that will be sent, as of the last scan.
  int waiting(Priority priority) {
    return waiting[priority.rank()];
  }

  /// Counts what has been published since the last scan.
  void scan() {
    while (true) {
      var next = scannedChunk.next();
      int frames = Chunk.frames(scannedChunk.published());
      for (; scannedIndex < frames; scannedIndex++) {
        int priority = FrameIndex.priority(scannedChunk.entry(scannedIndex)).rank();
        if (priority < PRIORITIES) {
          waiting[priority]++;
        }
      }
      if (next == null) {
        return;
      }
      scannedChunk = next;
      scannedIndex = 0;
    }
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
        if (FrameIndex.priority(chunk.entry(index)) == priority) {
          bytesLeftOut += chunk.start(index + 1) - chunk.start(index);
          leftOutBelow[p] = chunk.firstMessage() + index + 1;
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

  /// Like [Ranges#collect], without the frames that are left out. [#scan()] must have been called.
  void collect(Ranges ranges, Chunk start, int from, long messageLimit, int byteLimit) {
    ranges.clear();
    var chunk = start;
    int frame = from;
    boolean full = false;
    while (!full) {
      var next = chunk.next();
      int frames = Chunk.frames(chunk.published());
      int limit = (int) Math.min(frames, messageLimit - chunk.firstMessage());
      int runStart = frame;
      while (frame < limit && !full) {
        int size = chunk.start(frame + 1) - chunk.start(frame);
        int priority = FrameIndex.priority(chunk.entry(frame)).rank();
        if (isLeftOut(chunk, frame)) {
          endRun(ranges, chunk, runStart, frame);
          leftOut--;
          bytesLeftOut -= size;
          runStart = ++frame;
        } else {
          int taken = ranges.bytes() + chunk.start(frame) - chunk.start(runStart);
          full = ranges.isFull() || (taken > 0 && taken + size > byteLimit);
          if (!full) {
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
      ranges.add(chunk, chunk.start(fromFrame), chunk.start(toFrame), toFrame - fromFrame);
    }
  }

  /// Walks over the frames at a cursor that are left out. Returns the frame it ends at, in
  /// [#skippedTo()].
  int skip(Chunk start, int from) {
    var chunk = start;
    int frame = from;
    while (true) {
      var next = chunk.next();
      int frames = Chunk.frames(chunk.published());
      while (frame < frames && isLeftOut(chunk, frame)) {
        leftOut--;
        bytesLeftOut -= chunk.start(frame + 1) - chunk.start(frame);
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

  private boolean isLeftOut(Chunk chunk, int frame) {
    int priority = FrameIndex.priority(chunk.entry(frame)).rank();
    return priority < PRIORITIES && chunk.firstMessage() + frame < leftOutBelow[priority];
  }

  /// What the cursor is past can no longer be left out.
  private void passed(Chunk chunk, int frame) {
    long position = chunk.firstMessage() + frame;
    for (int p = 0; p < PRIORITIES; p++) {
      var victim = victimChunk[p];
      if (victim == null || victim.firstMessage() + victimIndex[p] < position) {
        victimChunk[p] = chunk;
        victimIndex[p] = frame;
      }
    }
  }
}
