package dev.millrace.core.json;

/// Checks UTF-8 as the Unicode Standard defines it, table 3-7: no overlong forms, no surrogates,
/// nothing above U+10FFFF, nothing cut off. A JSON reader may let some of these pass, but a text
/// frame that carries them ends the connection of everybody who receives it (RFC 6455, section
/// 8.1).
final class Utf8 {
  private Utf8() {}

  /// Whether `bytes` are well-formed up to `end`. Allocates nothing.
  static boolean isWellFormed(byte[] bytes, int end) {
    int at = 0;
    while (at < end) {
      if (bytes[at] >= 0) {
        at++;
        continue;
      }
      int length = sequenceLength(bytes[at] & 0xFF);
      if (length == 0 || at + length > end || !isSecond(bytes[at], bytes[at + 1])) {
        return false;
      }
      for (int i = 2; i < length; i++) {
        if ((bytes[at + i] & 0xC0) != 0x80) {
          return false;
        }
      }
      at += length;
    }
    return true;
  }

  /// Bytes of the sequence that `lead` begins, 0 if none begins with it.
  private static int sequenceLength(int lead) {
    if (lead < 0xC2 || lead > 0xF4) {
      return 0;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  /// Whether `second` may follow `lead`; only here overlong forms and surrogates show.
  private static boolean isSecond(byte lead, byte second) {
    int low = 0x80;
    int high = 0xBF;
    switch (lead & 0xFF) {
      case 0xE0 -> low = 0xA0;
      case 0xED -> high = 0x9F;
      case 0xF0 -> low = 0x90;
      case 0xF4 -> high = 0x8F;
      default -> {}
    }
    int value = second & 0xFF;
    return value >= low && value <= high;
  }
}
