package dev.millrace.classify;

import java.util.Arrays;

/// Words and their numbers from 0, found by characters without making a string. Grows while a model
/// is built by one thread and is never changed after that, so a finished model may be shared.
final class Vocabulary {
  private static final int ABSENT = -1;

  private char[] characters = new char[1_024]; // all words, one after another
  private int[] ends = new int[64]; // where word i ends in characters; it begins where i-1 ends
  private long[] slots = new long[128]; // hash << 32 | word + 1, 0 for free; at most half full
  private int size;
  private int longest;

  int size() {
    return size;
  }

  /// The number of `word`, a new one if it was not there.
  int add(String word) {
    var letters = word.toCharArray();
    int hash = hash(letters, 0, letters.length);
    int slot = slotOf(letters, 0, letters.length, hash);
    if (slots[slot] != 0) {
      return wordIn(slots[slot]);
    }
    append(letters);
    slots[slot] = (long) hash << Integer.SIZE | size;
    if (size > slots.length / 2) {
      rehash();
    }
    return size - 1;
  }

  /// The number of the word that stands in `letters` from `from` to `to`, or -1.
  int find(char[] letters, int from, int to) {
    if (to - from > longest) {
      return ABSENT;
    }
    return wordIn(slots[slotOf(letters, from, to, hash(letters, from, to))]);
  }

  String word(int number) {
    int from = startOf(number);
    return new String(characters, from, ends[number] - from);
  }

  boolean sameAs(Vocabulary that) {
    return size == that.size
        && Arrays.equals(ends, 0, size, that.ends, 0, size)
        && Arrays.equals(characters, 0, startOf(size), that.characters, 0, that.startOf(that.size));
  }

  private void append(char[] letters) {
    int from = startOf(size);
    int to = Math.addExact(from, letters.length);
    if (to > characters.length) {
      characters = Arrays.copyOf(characters, Math.max(to, characters.length * 2));
    }
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, size * 2);
    }
    System.arraycopy(letters, 0, characters, from, letters.length);
    ends[size] = to;
    longest = Math.max(longest, letters.length);
    size++;
  }

  private int startOf(int number) {
    return number == 0 ? 0 : ends[number - 1];
  }

  /// The slot that holds the word, or the free one where it would go.
  private int slotOf(char[] letters, int from, int to, int hash) {
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (slots[slot] != 0 && !isWord(slots[slot], letters, from, to, hash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean isWord(long slot, char[] letters, int from, int to, int hash) {
    if (hashIn(slot) != hash) {
      return false;
    }
    int number = wordIn(slot);
    return Arrays.equals(characters, startOf(number), ends[number], letters, from, to);
  }

  private static int hashIn(long slot) {
    return (int) (slot >>> Integer.SIZE);
  }

  /// The word's number, -1 for a free slot.
  private static int wordIn(long slot) {
    return (int) slot - 1;
  }

  private void rehash() {
    var old = slots;
    slots = new long[old.length * 2];
    int mask = slots.length - 1;
    for (long entry : old) {
      if (entry != 0) {
        int slot = hashIn(entry) & mask;
        while (slots[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        slots[slot] = entry;
      }
    }
  }

  private static int hash(char[] letters, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + letters[i];
    }
    // The table is addressed by low bits, which the sum alone spreads badly.
    hash *= 0x9E3779B9;
    return hash ^ hash >>> 15;
  }
}
