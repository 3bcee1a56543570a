package dev.millrace.hub;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Remembers the last ids, first in, first out. Grows with use up to its capacity. Not thread-safe.
///
/// Ids stand in a ring in the order they came, beside their hashes; a table with open addressing
/// says which place an id has. Nothing is allocated for an id, and what is looked at lies close
/// together. Hashes have a secret of the process in them, so that nobody can choose ids that
/// collide.
public final class IdWindow {
  private static final long SECRET = ThreadLocalRandom.current().nextLong();
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final int FEWEST = 8;

  private static final @Nullable String[] NO_IDS = {};
  private static final int[] NO_HASHES = {};
  private static final int[] NO_PLACES = {0};

  private final int capacity;
  private @Nullable String[] ids = NO_IDS; // by place
  private int[] hashes = NO_HASHES; // by place
  private int[] places = NO_PLACES; // by slot, the place plus one; 0 where there is none
  private int next; // the place of the next id

  public IdWindow(int capacity) {
    this.capacity = capacity;
  }

  /// Remembers `id`; returns false if it was known.
  public boolean add(String id) {
    if (capacity == 0) {
      return true;
    }
    int hash = hash(id);
    for (int slot = slotOf(hash); places[slot] != 0; slot = after(slot)) {
      int place = places[slot] - 1;
      if (hashes[place] == hash && id.equals(ids[place])) {
        return false;
      }
    }
    if (next == ids.length) {
      if (next < capacity) {
        grow();
      } else {
        next = 0;
      }
    }
    if (ids[next] != null) {
      forget(next);
    }
    ids[next] = id;
    hashes[next] = hash;
    enter(next++);
    return true;
  }

  private void enter(int place) {
    int slot = slotOf(hashes[place]);
    while (places[slot] != 0) {
      slot = after(slot);
    }
    places[slot] = place + 1;
  }

  /// Frees the slot of a place, and moves up what could not stand where it belongs because of it.
  private void forget(int place) {
    int free = slotOf(hashes[place]);
    while (places[free] != place + 1) {
      free = after(free);
    }
    for (int slot = after(free); places[slot] != 0; slot = after(slot)) {
      int home = slotOf(hashes[places[slot] - 1]);
      if (distance(home, slot) >= distance(free, slot)) {
        places[free] = places[slot];
        free = slot;
      }
    }
    places[free] = 0;
  }

  private void grow() {
    int size = (int) Math.min(capacity, Math.max(FEWEST, ids.length * 2L));
    ids = Arrays.copyOf(ids, size);
    hashes = Arrays.copyOf(hashes, size);
    places = new int[slotsFor(size)];
    for (int place = 0; place < next; place++) {
      enter(place);
    }
  }

  private int slotOf(int hash) {
    return hash & (places.length - 1);
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

  private static int hash(String id) {
    long hash = SECRET + id.length();
    int at = 0;
    for (; at <= id.length() - 4; at += 4) {
      long four =
          id.charAt(at)
              | ((long) id.charAt(at + 1) << 16)
              | ((long) id.charAt(at + 2) << 32)
              | ((long) id.charAt(at + 3) << 48);
      hash = mixed(hash ^ four);
    }
    for (; at < id.length(); at++) {
      hash = mixed(hash ^ id.charAt(at));
    }
    return (int) (hash >>> 32);
  }

  private static long mixed(long bits) {
    long product = bits * MULTIPLIER;
    return product ^ (product >>> 29);
  }
}
