package dev.millrace.hub;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/// What stands for an id: 64 bits, made of its UTF-8 bytes and of secrets of the process, so that
/// nobody can choose ids that are taken for one another. By chance a new id is taken for one of n
/// others once in 2^64 / n. An id has the same print whether it is given as bytes or as a text.
/// Allocates nothing. Safe from any thread.
final class IdPrint {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long SECRET = RANDOM.nextLong();
  private static final long KEY = RANDOM.nextLong() | 1;

  private static final long NOT_ASCII = 0xff80_ff80_ff80_ff80L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private IdPrint() {}

  /// Of the id whose UTF-8 bytes are those from `from` to `to`.
  static long of(byte[] bytes, int from, int to) {
    long print = SECRET;
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      print = folded(print ^ (long) LONGS.get(bytes, at), KEY);
    }
    return finished(print, rest(bytes, from, at, to), to - from);
  }

  /// What eights have left over, with some of the last eight again where there was one.
  private static long rest(byte[] bytes, int from, int at, int to) {
    if (to - from >= Long.BYTES) {
      return at == to ? 0 : (long) LONGS.get(bytes, to - Long.BYTES);
    }
    long rest = 0;
    for (int i = at; i < to; i++) {
      rest = (rest << Byte.SIZE) | (bytes[i] & 0xff);
    }
    return rest;
  }

  /// Of an id as a text. Half of a pair of surrogates counts as `?`, as in [String#getBytes].
  static long of(String id) {
    long print = SECRET;
    long last = 0; // the last eight bytes, the latest of them highest
    int bytes = 0;
    int length = id.length();
    for (int at = 0; at < length; ) {
      if ((bytes & 7) == 0 && at <= length - Long.BYTES) {
        long low = four(id, at);
        long high = four(id, at + 4);
        if (((low | high) & NOT_ASCII) == 0) {
          last = packed(low) | (packed(high) << 32);
          print = folded(print ^ last, KEY);
          bytes += Long.BYTES;
          at += Long.BYTES;
          continue;
        }
      }
      int point = id.codePointAt(at);
      at += Character.charCount(point);
      long utf8 = utf8(point);
      do {
        last = (last >>> Byte.SIZE) | (utf8 << 56);
        if ((++bytes & 7) == 0) {
          print = folded(print ^ last, KEY);
        }
        utf8 >>>= Byte.SIZE;
      } while (utf8 != 0);
    }
    long rest = bytes < Long.BYTES ? Long.reverseBytes(last) : (bytes & 7) == 0 ? 0 : last;
    return finished(print, rest, bytes);
  }

  private static long finished(long print, long rest, int bytes) {
    return folded(print ^ rest, MULTIPLIER + 2L * bytes);
  }

  private static long four(String text, int at) {
    return text.charAt(at)
        | ((long) text.charAt(at + 1) << 16)
        | ((long) text.charAt(at + 2) << 32)
        | ((long) text.charAt(at + 3) << 48);
  }

  /// Four characters as four bytes, the first lowest.
  private static long packed(long ascii) {
    long pairs = (ascii | (ascii >>> 8)) & 0x0000_ffff_0000_ffffL;
    return (pairs | (pairs >>> 16)) & 0xffff_ffffL;
  }

  /// The bytes of a character, the first lowest.
  private static long utf8(int point) {
    if (point < 0x80) {
      return point;
    }
    if (point < 0x800) {
      return 0x80c0 | (point >>> 6) | six(point, 0, 8);
    }
    if (point < 0x10000) {
      return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE
          ? '?'
          : 0x8080e0 | (point >>> 12) | six(point, 6, 8) | six(point, 0, 16);
    }
    return 0x808080f0L | (point >>> 18) | six(point, 12, 8) | six(point, 6, 16) | six(point, 0, 24);
  }

  private static long six(int point, int from, int to) {
    return ((point >>> from) & 0x3fL) << to;
  }

  /// All bits of the product, high and low half in one.
  private static long folded(long bits, long multiplier) {
    return (bits * multiplier) ^ Math.unsignedMultiplyHigh(bits, multiplier);
  }
}
