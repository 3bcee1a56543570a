package dev.millrace.bench.load;

import java.nio.ByteBuffer;

/// What makes a published message recognisable wherever a server puts it: a tag, a sequence number
/// and the nanosecond it was due, in 28 characters that stand unescaped in JSON. A digit is four
/// bits, `@` to `O`, so that eight of them are read or written in a handful of instructions.
final class Marker {
  static final int BYTES = 28;

  private static final int TAG = 0x7E4D7E3A; // ~M~:
  private static final int SEQUENCE_AT = 4;
  private static final int NANOS_AT = 12;
  private static final long DIGITS = 0x0F0F_0F0F_0F0F_0F0FL;
  private static final long ZEROS = 0x4040_4040_4040_4040L;

  private Marker() {}

  /// Writes the marker at `at`.
  static void write(ByteBuffer bytes, int at, int sequence, long nanos) {
    bytes.putInt(at, TAG);
    bytes.putLong(at + SEQUENCE_AT, digits(sequence));
    bytes.putLong(at + NANOS_AT, digits((int) (nanos >>> 32)));
    bytes.putLong(at + NANOS_AT + 8, digits((int) nanos));
  }

  /// Whether a whole marker stands at `at` of a payload that ends at `end`.
  static boolean standsAt(ByteBuffer bytes, int at, int end) {
    return end - at >= BYTES && bytes.getInt(at) == TAG;
  }

  /// Where in `[from, end)` the marker begins, or -1. For the first frames only: their successors
  /// have it in the same place.
  static int find(ByteBuffer bytes, int from, int end) {
    for (int at = from; end - at >= BYTES; at++) {
      if (bytes.getInt(at) == TAG) {
        return at;
      }
    }
    return -1;
  }

  static int sequence(ByteBuffer bytes, int at) {
    return number(bytes.getLong(at + SEQUENCE_AT));
  }

  static long nanos(ByteBuffer bytes, int at) {
    return ((long) number(bytes.getLong(at + NANOS_AT)) << 32)
        | (number(bytes.getLong(at + NANOS_AT + 8)) & 0xFFFF_FFFFL);
  }

  private static long digits(int number) {
    return Long.expand(number & 0xFFFF_FFFFL, DIGITS) | ZEROS;
  }

  private static int number(long digits) {
    return (int) Long.compress(digits, DIGITS);
  }
}
