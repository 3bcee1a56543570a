package dev.millrace.hub;

/// Numbers of ids by place, of which the low 16 bits are kept, or all 32 where ids are many. Not
/// thread-safe.
final class IdNumbers {
  private static final char[] NO_SHORT = {};
  private static final int[] NO_LONG = {};

  /// Has one place, for a 0.
  static final IdNumbers NONE = new IdNumbers(1, false);

  private final char[] shortOnes;
  private final int[] longOnes; // empty where the others are not

  IdNumbers(int places, boolean many) {
    shortOnes = many ? NO_SHORT : new char[places];
    longOnes = many ? new int[places] : NO_LONG;
  }

  int get(int place) {
    return longOnes.length == 0 ? shortOnes[place] : longOnes[place];
  }

  void set(int place, int number) {
    if (longOnes.length == 0) {
      shortOnes[place] = (char) number;
    } else {
      longOnes[place] = number;
    }
  }
}
