package dev.millrace.gateway.wse;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// UUIDs of version 7 that need not grow within one millisecond. Source: RFC 9562, section 5.7.
final class Uuid7 {
  private Uuid7() {}

  static String text(long epochMillis) {
    var random = ThreadLocalRandom.current();
    long high = (epochMillis << 16) | 0x7000L | random.nextInt(1 << 12);
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
