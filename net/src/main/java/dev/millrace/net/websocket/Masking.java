package dev.millrace.net.websocket;

import java.nio.ByteBuffer;

/// The mask that client frames carry. Source: RFC 6455, section 5.3.
final class Masking {
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Masking() {}

  /// Applies the mask to what lies between position and limit, in place; moves neither. `key` is
  /// big-endian; `phase` counts the frame's bytes already done, modulo 4. Returns whether all
  /// resulting bytes are ASCII, which it learns for nothing. Never allocates.
  static boolean apply(ByteBuffer bytes, int key, int phase) {
    int turned = Integer.rotateLeft(key, phase * 8);
    long wide = ((turned & 0xffff_ffffL) << 32) | (turned & 0xffff_ffffL);
    long seen = 0;
    int at = bytes.position();
    int to = bytes.limit();
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      long plain = bytes.getLong(at) ^ wide;
      bytes.putLong(at, plain);
      seen |= plain;
    }
    for (int shift = 24; at < to; at++, shift = (shift - 8) & 31) {
      byte plain = (byte) (bytes.get(at) ^ (turned >>> shift));
      bytes.put(at, plain);
      seen |= plain & 0x80;
    }
    return (seen & HIGH_BITS) == 0;
  }
}
