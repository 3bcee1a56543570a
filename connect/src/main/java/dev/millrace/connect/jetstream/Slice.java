package dev.millrace.connect.jetstream;

import org.jspecify.annotations.Nullable;

/// The inside of a JSON string as one number: start and length, and whether it holds escapes.
final class Slice {
  /// No string there.
  static final long NONE = -1;

  private static final long ESCAPED = 1L << 62;

  private Slice() {}

  static long of(JsonScanner scanner) {
    long place = (long) scanner.start() << 31 | (scanner.end() - scanner.start());
    return scanner.escaped() ? place | ESCAPED : place;
  }

  static int start(long slice) {
    return (int) (slice >>> 31) & Integer.MAX_VALUE;
  }

  static int length(long slice) {
    return (int) slice & Integer.MAX_VALUE;
  }

  static String text(byte[] bytes, long slice) {
    int start = start(slice);
    return JsonStrings.decode(bytes, start, start + length(slice), (slice & ESCAPED) != 0);
  }

  static @Nullable String textOrNull(byte[] bytes, long slice) {
    return slice == NONE ? null : text(bytes, slice);
  }
}
