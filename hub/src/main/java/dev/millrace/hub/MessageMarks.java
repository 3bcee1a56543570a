package dev.millrace.hub;

/// One bit for each of a run of message numbers, kept in a ring that grows with the run. Confined
/// to one loop.
final class MessageMarks {
  private static final long[] NONE = {};

  private long[] words = NONE; // a power of two of them

  /// Notes whether `number` is marked. Numbers before `oldest` will not be asked for any more.
  void note(long number, boolean marked, long oldest) {
    while ((number >>> 6) - (oldest >>> 6) >= words.length) {
      grow(oldest);
    }
    int word = word(number);
    long bit = 1L << number;
    words[word] = marked ? words[word] | bit : words[word] & ~bit;
  }

  boolean isMarked(long number) {
    return (words[word(number)] & 1L << number) != 0;
  }

  private int word(long number) {
    return (int) (number >>> 6) & (words.length - 1);
  }

  private void grow(long oldest) {
    var old = words;
    words = new long[Math.max(1, old.length * 2)];
    for (int i = 0; i < old.length; i++) {
      long first = (oldest & -Long.SIZE) + (long) i * Long.SIZE;
      words[word(first)] = old[(int) (first >>> 6) & (old.length - 1)];
    }
  }
}
