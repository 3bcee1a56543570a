package dev.millrace.bench.websocket;

import java.nio.ByteBuffer;

/// The masking of client frames; masking and unmasking are the same. Source: RFC 6455, section 5.3.
public final class Mask {
  private Mask() {}

  /// Flips `length` bytes from `from` in place, eight at a time. `key` is big-endian, as it stands
  /// in a header, and so must be the buffer.
  public static void apply(ByteBuffer bytes, int from, int length, int key) {
    if (key == 0) {
      return;
    }
    long wide = ((long) key << 32) | (key & 0xFFFF_FFFFL);
    int at = from;
    int end = from + length;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      bytes.putLong(at, bytes.getLong(at) ^ wide);
    }
    for (int shift = 24; at < end; at++, shift = shift == 0 ? 24 : shift - 8) {
      bytes.put(at, (byte) (bytes.get(at) ^ (key >>> shift)));
    }
  }
}
