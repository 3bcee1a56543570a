package dev.millrace.hub;

import java.util.SplittableRandom;

/// Makes UUIDs of version 7 (RFC 9562, section 5.7) that grow within one millisecond: a 12-bit
/// counter follows the timestamp. Confined to one loop; the random part need not be secret.
final class IdSource {
  private static final int COUNTER_LIMIT = 1 << 12;

  private final SplittableRandom random;
  private long millis;
  private int counter;
  private long high;
  private long low;

  IdSource(SplittableRandom random) {
    this.random = random;
  }

  /// Makes the next id; `high` and `low` then hold it.
  void next(long nowMillis) {
    if (nowMillis > millis) {
      millis = nowMillis;
      counter = 0;
    } else if (++counter == COUNTER_LIMIT) {
      millis++; // borrowed from the future, so that ids go on growing
      counter = 0;
    }
    high = millis << 16 | 0x7000L | counter;
    low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }
}
