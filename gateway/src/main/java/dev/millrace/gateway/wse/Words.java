package dev.millrace.gateway.wse;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Texts that come again and again, so that they need not be made again. Bounded: a text that finds
/// its slot taken takes it over. Safe from any thread without a lock: whoever looks into a slot
/// finds some text, and compares it.
final class Words {
  private static final int SLOTS = 256;
  private static final int LONGEST = 64;

  private final @Nullable String[] slots = new @Nullable String[SLOTS];

  /// The text that these bytes are, which are UTF-8.
  String of(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length == 0 || length > LONGEST) {
      return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
    int hash = length;
    for (int at = from; at < to; at++) {
      hash = hash * 31 + bytes[at];
    }
    int slot = (hash ^ (hash >>> 8)) & (SLOTS - 1);
    var known = slots[slot];
    if (known != null && is(known, bytes, from, length)) {
      return known;
    }
    var made = new String(bytes, from, length, StandardCharsets.UTF_8);
    slots[slot] = made;
    return made;
  }

  /// True only of ASCII: others are made anew.
  private static boolean is(String text, byte[] bytes, int from, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) != bytes[from + i]) {
        return false;
      }
    }
    return true;
  }
}
