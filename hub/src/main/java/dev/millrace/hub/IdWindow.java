package dev.millrace.hub;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/// Remembers the last ids, first in, first out. Grows with use up to its capacity. Not thread-safe.
///
/// Of an id 128 bits are kept, made of its UTF-8 bytes and of secrets of the process, so that
/// nobody can choose ids that are taken for one another, and by chance nobody will see it happen.
/// They stand in a ring in the order the ids came; a table with open addressing says which place an
/// id has. Nothing is allocated for an id that is given as bytes, and what is looked at lies close
/// together.
public final class IdWindow {
  private static final long FIRST_SECRET = evenSecret();
  private static final long SECOND_SECRET = evenSecret();
  private static final long FIRST_MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final long SECOND_MULTIPLIER = 0xD1B54A32D192ED03L;
  private static final int FEWEST = 8;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long[] NO_PRINTS = {};
  private static final int[] NO_PLACES = {0};

  private final int capacity;
  private long[] prints = NO_PRINTS; // two by place
  private int[] places = NO_PLACES; // by slot, the place plus one; 0 where there is none
  private int size; // places taken
  private int next; // the place of the next id

  public IdWindow(int capacity) {
    this.capacity = capacity;
  }

  /// Remembers `id`; returns false if it was known.
  public boolean add(String id) {
    var bytes = id.getBytes(StandardCharsets.UTF_8);
    return add(bytes, 0, bytes.length);
  }

  /// The same of an id whose UTF-8 bytes are those from `from` to `to`.
  public boolean add(byte[] bytes, int from, int to) {
    if (capacity == 0) {
      return true;
    }
    long first = print(bytes, from, to, FIRST_SECRET, FIRST_MULTIPLIER);
    long second = print(bytes, from, to, SECOND_SECRET, SECOND_MULTIPLIER);
    for (int slot = slotOf(first); places[slot] != 0; slot = after(slot)) {
      int place = 2 * (places[slot] - 1);
      if (prints[place] == first && prints[place + 1] == second) {
        return false;
      }
    }
    if (2 * next == prints.length) {
      if (next < capacity) {
        grow();
      } else {
        next = 0;
      }
    }
    if (next < size) {
      forget(next);
    } else {
      size++;
    }
    prints[2 * next] = first;
    prints[2 * next + 1] = second;
    enter(next++);
    return true;
  }

  private void enter(int place) {
    int slot = homeOf(place);
    while (places[slot] != 0) {
      slot = after(slot);
    }
    places[slot] = place + 1;
  }

  /// Frees the slot of a place, and moves up what could not stand where it belongs because of it.
  private void forget(int place) {
    int free = homeOf(place);
    while (places[free] != place + 1) {
      free = after(free);
    }
    for (int slot = after(free); places[slot] != 0; slot = after(slot)) {
      int home = homeOf(places[slot] - 1);
      if (distance(home, slot) >= distance(free, slot)) {
        places[free] = places[slot];
        free = slot;
      }
    }
    places[free] = 0;
  }

  private void grow() {
    int larger = (int) Math.min(capacity, Math.max(FEWEST, size * 2L));
    prints = Arrays.copyOf(prints, 2 * larger);
    places = new int[slotsFor(larger)];
    for (int place = 0; place < size; place++) {
      enter(place);
    }
  }

  private int homeOf(int place) {
    return slotOf(prints[2 * place]);
  }

  private int slotOf(long print) {
    return (int) print & (places.length - 1);
  }

  private int after(int slot) {
    return (slot + 1) & (places.length - 1);
  }

  private int distance(int from, int to) {
    return (to - from) & (places.length - 1);
  }

  /// At most half of the slots are taken.
  private static int slotsFor(int size) {
    return Integer.highestOneBit(Math.clamp(size * 4L - 1, 2, 1 << 30));
  }

  private static long print(byte[] bytes, int from, int to, long secret, long multiplier) {
    long print = secret ^ (to - from);
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      print = folded(print ^ (long) LONGS.get(bytes, at), multiplier ^ secret);
    }
    return folded(print ^ rest(bytes, from, at, to), multiplier);
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

  /// All bits of the product, high and low half in one.
  private static long folded(long bits, long multiplier) {
    return (bits * multiplier) ^ Math.unsignedMultiplyHigh(bits, multiplier);
  }

  private static long evenSecret() {
    return ThreadLocalRandom.current().nextLong() << 1;
  }
}
