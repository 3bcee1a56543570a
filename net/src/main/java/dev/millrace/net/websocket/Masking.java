package dev.millrace.net.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The mask that client frames carry. Source: RFC 6455, section 5.3.
final class Masking {
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

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

  /// Applies the mask to the first `length` bytes, a frame's first, and answers like the other.
  static boolean apply(byte[] bytes, int length, int key) {
    long wide = ((key & 0xffff_ffffL) << 32) | (key & 0xffff_ffffL);
    long seen = 0;
    int at = 0;
    for (; at <= length - Long.BYTES; at += Long.BYTES) {
      long plain = (long) LONGS.get(bytes, at) ^ wide;
      LONGS.set(bytes, at, plain);
      seen |= plain;
    }
    for (int shift = 24; at < length; at++, shift = (shift - 8) & 31) {
      byte plain = (byte) (bytes[at] ^ (key >>> shift));
      bytes[at] = plain;
      seen |= plain & 0x80;
    }
    return (seen & HIGH_BITS) == 0;
  }
}
