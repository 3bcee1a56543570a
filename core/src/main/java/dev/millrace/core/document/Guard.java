package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import org.jspecify.annotations.Nullable;

/// What one document may ask for while it is read, beyond its size: keys and paths that stay short,
/// and text that every later reader can carry. Confined to one reading.
final class Guard {
  private static final int MAX_KEY = 1_024;

  // Every value has its path, so without a limit for all of them together a long key around many
  // values takes memory by the square of the document's size.
  private final Documents.Limits limits;
  private final Problems problems;
  private long paths;
  private int values;

  Guard(Documents.Limits limits, Problems problems) {
    this.limits = limits;
    this.problems = problems;
  }

  /// Adds a problem that leaves nothing sensible to go on with; to be thrown.
  Refused refuse(Location at, String what, @Nullable String fix) {
    problems.error("E_SYNTAX", at, what, fix);
    return new Refused();
  }

  /// `key` of the mapping at `parent`, which stands at `at`.
  void key(Location at, Location parent, String key) {
    if (key.length() > MAX_KEY) {
      throw refuse(at, "a key has more than " + MAX_KEY + " characters", "Shorten it.");
    }
    text(at, key);
    child(at, parent, key.length());
  }

  /// A value whose key or index has `length` characters.
  void child(Location at, Location parent, int length) {
    if (++values > limits.values()) {
      throw refuse(
          at,
          "the document has more than " + limits.values() + " values",
          "Move large lists into files of their own.");
    }
    paths += parent.pointer().length() + length + 1L;
    if (paths > limits.pathCharacters()) {
      throw refuse(at, "the keys around these values are too long", "Shorten or flatten them.");
    }
  }

  /// A key that its mapping has already.
  void duplicate(Location at, String key) {
    problems.error("E_DUPLICATE_KEY", at, "the key " + key + " stands here twice", "Remove one.");
    if (problems.suppressed() > 0) {
      throw new Refused(); // further problems are not kept, so there is nothing to read on for
    }
  }

  void text(Location at, String text) {
    if (text.indexOf('\0') >= 0) {
      throw refuse(at, "a text holds a NUL character", "Remove it.");
    }
    if (hasLoneSurrogate(text)) {
      throw refuse(
          at,
          "a text holds half of a surrogate pair, which is no character",
          "Write both halves, or the character itself.");
    }
  }

  private static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 >= text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /// Ends reading; the problem has been told.
  static final class Refused extends RuntimeException {
    Refused() {
      super(null, null, false, false);
    }
  }
}
