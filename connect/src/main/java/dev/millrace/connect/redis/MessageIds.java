package dev.millrace.connect.redis;

import java.util.SplittableRandom;
import java.util.UUID;

/// Makes ids for messages that come without one, so that every instance knows them by the same:
/// UUIDs of version 7 (RFC 9562, section 5.7). Confined to one thread.
final class MessageIds {
  private final SplittableRandom random;

  MessageIds(SplittableRandom random) {
    this.random = random;
  }

  String next(long nowMillis) {
    long high = nowMillis << 16 | 0x7000L | random.nextInt(1 << 12);
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
