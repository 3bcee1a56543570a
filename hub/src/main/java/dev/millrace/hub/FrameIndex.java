package dev.millrace.hub;

/// One frame's entry in the index of its chunk, packed into a long: where it starts (26 bits), its
/// priority (3), its type's number within the topic (16, 0 = not numbered) and where in the frame
/// its timestamp's text begins (16, 0 = nowhere).
final class FrameIndex {
  static final int MAX_START = (1 << 26) - 1;
  static final int MAX_TYPE = (1 << 16) - 1;
  private static final int PRIORITY_SHIFT = 26;
  private static final int TYPE_SHIFT = 29;
  private static final int TIMESTAMP_SHIFT = 45;

  private FrameIndex() {}

  /// `timestampAt` is -1 for none; one too far in to be noted counts as none.
  static long entry(int start, Priority priority, int type, int timestampAt) {
    long at = timestampAt < 0 || timestampAt + 1 > 0xFFFF ? 0 : timestampAt + 1;
    return start
        | (long) priority.rank() << PRIORITY_SHIFT
        | (long) type << TYPE_SHIFT
        | at << TIMESTAMP_SHIFT;
  }

  static int start(long entry) {
    return (int) entry & MAX_START;
  }

  static Priority priority(long entry) {
    return Priority.ofRank((int) (entry >>> PRIORITY_SHIFT) & 7);
  }

  static int type(long entry) {
    return (int) (entry >>> TYPE_SHIFT) & MAX_TYPE;
  }

  /// -1 for none.
  static int timestampAt(long entry) {
    return ((int) (entry >>> TIMESTAMP_SHIFT) & 0xFFFF) - 1;
  }
}
