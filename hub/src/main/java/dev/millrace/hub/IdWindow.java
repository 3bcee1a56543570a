package dev.millrace.hub;

/// Remembers the last ids, first in, first out. Grows with use up to its capacity. Not thread-safe.
///
/// Ids are numbered as they come, and their prints ([IdPrint]) stand in a ring by number. A table
/// says by a print's low bits which id came last with the same, and beside each print stands which
/// id that was before. So a chain goes from younger ids to older ones, and ends at one that is
/// forgotten: nothing is done to forget an id but to let its number grow old. Nothing is allocated
/// for an id. Ten bytes each and four for the table: very many windows are used in turn, and the
/// less of each there is, the more of it is found in the processor's caches.
public final class IdWindow {
  private static final int FEWEST = 8;
  private static final int MANY = 1 << 14; // beyond that numbers of 16 bits would mean too much
  private static final long[] NO_PRINTS = {};

  private final int capacity;
  private final int numberBits; // those of a number that are kept
  private long[] prints = NO_PRINTS; // by place
  private IdNumbers before = IdNumbers.NONE; // by place, which id was the last in its slot
  private IdNumbers latest = IdNumbers.NONE; // by slot, which is
  private int slots = 1; // of `latest`
  private int size; // ids that are remembered
  private int next = 1; // the number of the next id; may overflow, only differences count

  public IdWindow(int capacity) {
    this.capacity = capacity;
    this.numberBits = capacity > MANY ? -1 : 0xffff;
  }

  /// Remembers `id`; returns false if it was known.
  public boolean add(String id) {
    return capacity == 0 || add(IdPrint.of(id));
  }

  /// The same of an id whose UTF-8 bytes are those from `from` to `to`.
  public boolean add(byte[] bytes, int from, int to) {
    return capacity == 0 || add(IdPrint.of(bytes, from, to));
  }

  private boolean add(long print) {
    int slot = slotOf(print);
    int younger = 0;
    // A number that nobody has overwritten for long may seem young again, and lead to any chain; as
    // each step is to an older id, it comes to an end all the same.
    for (int age = ageOf(latest.get(slot)); age > younger && age <= size; ) {
      int place = placeOf(next - age);
      if (prints[place] == print) {
        return false;
      }
      younger = age;
      age = ageOf(before.get(place));
    }
    if (size < capacity) {
      size++;
      if (size > prints.length) {
        grow();
        slot = slotOf(print);
      }
    }
    enter(print, slot, next++);
    return true;
  }

  private void enter(long print, int slot, int number) {
    int place = placeOf(number);
    prints[place] = print;
    before.set(place, latest.get(slot));
    latest.set(slot, number);
  }

  /// Makes room for the id that comes; `size` counts it already.
  private void grow() {
    var old = prints;
    int places = Math.max(FEWEST, Integer.highestOneBit(size) << 1);
    prints = new long[places];
    before = new IdNumbers(places, numberBits == -1);
    latest = new IdNumbers(2 * places, numberBits == -1);
    slots = 2 * places;
    for (int number = next - size + 1; number != next; number++) {
      long print = old[number & (old.length - 1)];
      enter(print, slotOf(print), number);
    }
  }

  /// How many ids came since, that one included.
  private int ageOf(int number) {
    return (next - number) & numberBits;
  }

  private int placeOf(int number) {
    return number & (prints.length - 1);
  }

  private int slotOf(long print) {
    return (int) print & (slots - 1);
  }
}
