package dev.millrace.control.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which names files in a backup may have: relative, with `/` between the parts, every part an
/// ordinary name. Nothing that could point out of the folder a backup is restored into, and nothing
/// that a terminal would obey.
final class EntryName {
  private static final int MAX_LENGTH = 1_024;
  private static final int MAX_PART_LENGTH = 255;

  private EntryName() {}

  /// What is wrong with `name`, or null.
  static @Nullable String objection(String name) {
    if (name.length() > MAX_LENGTH) {
      return "is longer than " + MAX_LENGTH + " characters";
    }
    if (name.startsWith("/") || name.contains(":")) {
      return "is absolute or names a drive";
    }
    if (name.chars().anyMatch(EntryName::isStrange)) {
      return "holds a backslash, a control character or half a surrogate pair";
    }
    var parts = Arrays.asList(name.split("/", -1));
    if (parts.contains("") || parts.contains(".") || parts.contains("..")) {
      return "has a part that is empty, . or ..";
    }
    return parts.stream().anyMatch(part -> part.length() > MAX_PART_LENGTH)
        ? "has a part longer than " + MAX_PART_LENGTH + " characters"
        : null;
  }

  /// `name` for a message, whatever it holds.
  static String shown(String name) {
    var text = new StringBuilder();
    name.chars().limit(100).forEach(c -> text.append(isStrange(c) ? '?' : (char) c));
    return name.length() > 100 ? text.append('…').toString() : text.toString();
  }

  private static boolean isStrange(int character) {
    return character == '\\'
        || Character.isISOControl(character)
        || Character.getType(character) == Character.FORMAT
        || character == 0xFFFD; // what a name in another encoding turns into
  }
}
