package dev.millrace.gateway.wse;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Texts that come again and again, so that they need not be made again. Bounded: a text that finds
/// its slot taken takes it over. Safe from any thread without a lock: whoever looks into a slot
/// finds some word, and compares it.
final class Words {
  private static final int SLOTS = 256;
  private static final int LONGEST = 64;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  @SuppressWarnings("ArrayRecordComponent") // compared where it is looked up
  private record Word(byte[] utf8, String text) {}

  private final @Nullable Word[] slots = new @Nullable Word[SLOTS];

  /// The text that these bytes are, which are UTF-8.
  String of(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length == 0 || length > LONGEST) {
      return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
    int slot = slotOf(bytes, from, to);
    var known = slots[slot];
    if (known != null && Arrays.equals(known.utf8, 0, known.utf8.length, bytes, from, to)) {
      return known.text;
    }
    var made = new String(bytes, from, length, StandardCharsets.UTF_8);
    slots[slot] = new Word(Arrays.copyOfRange(bytes, from, to), made);
    return made;
  }

  /// By the first and the last eight bytes and the length: what is alike in these is seldom said in
  /// turns.
  private static int slotOf(byte[] bytes, int from, int to) {
    long sum = (long) to - from;
    if (to - from >= Long.BYTES) {
      sum += (long) LONGS.get(bytes, from) * 31 + (long) LONGS.get(bytes, to - Long.BYTES);
    } else {
      for (int at = from; at < to; at++) {
        sum = (sum << Byte.SIZE) ^ bytes[at];
      }
    }
    return (int) ((sum * MULTIPLIER) >>> (Long.SIZE - 8));
  }
}
