package dev.millrace.net.websocket;

import java.nio.ByteBuffer;

/// Checks UTF-8 piece by piece, failing at the first byte that no valid text could have there.
/// Source: RFC 3629, section 4 (no surrogates, nothing overlong, nothing above U+10FFFF).
///
/// The state between pieces is an int: [#BOUNDARY] between characters, [#INVALID] once broken, else
/// how many bytes the character still needs and the range of the next one.
final class Utf8 {
  static final int BOUNDARY = 0;
  static final int INVALID = -1;

  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int ANY_CONTINUATION = range(0x80, 0xbf);

  private Utf8() {}

  /// The state after the bytes between position and limit, coming from `state`. Moves neither.
  static int check(int state, ByteBuffer text) {
    int now = state;
    int at = text.position();
    int to = text.limit();
    while (at < to && now != INVALID) {
      if (now == BOUNDARY) {
        at = skipAscii(text, at, to);
        if (at < to) {
          now = lead(text.get(at++) & 0xff);
        }
      } else {
        now = continuation(now, text.get(at++) & 0xff);
      }
    }
    return now;
  }

  private static int skipAscii(ByteBuffer text, int from, int to) {
    int at = from;
    while (to - at >= Long.BYTES && (text.getLong(at) & HIGH_BITS) == 0) {
      at += Long.BYTES;
    }
    while (at < to && text.get(at) >= 0) {
      at++;
    }
    return at;
  }

  private static int lead(int octet) {
    if (octet >= 0xc2 && octet <= 0xdf) {
      return 1 | ANY_CONTINUATION;
    }
    if (octet >= 0xe0 && octet <= 0xef) {
      return 2
          | (octet == 0xe0
              ? range(0xa0, 0xbf)
              : octet == 0xed ? range(0x80, 0x9f) : ANY_CONTINUATION);
    }
    if (octet >= 0xf0 && octet <= 0xf4) {
      return 3
          | (octet == 0xf0
              ? range(0x90, 0xbf)
              : octet == 0xf4 ? range(0x80, 0x8f) : ANY_CONTINUATION);
    }
    return INVALID;
  }

  private static int continuation(int state, int octet) {
    if (octet < ((state >>> 8) & 0xff) || octet > ((state >>> 16) & 0xff)) {
      return INVALID;
    }
    int needed = (state & 0xff) - 1;
    return needed == 0 ? BOUNDARY : needed | ANY_CONTINUATION;
  }

  private static int range(int lowest, int highest) {
    return (lowest << 8) | (highest << 16);
  }
}
