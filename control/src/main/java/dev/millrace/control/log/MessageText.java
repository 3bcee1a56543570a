package dev.millrace.control.log;

import java.lang.reflect.Array;
import org.jspecify.annotations.Nullable;

/// Puts arguments into a message as SLF4J does (`{}`, `\{}`, `\\{}`, arrays by their elements), but
/// keeps no more than it was told and never writes anywhere: an argument whose `toString` fails is
/// named instead. Confined to the thread that logs.
final class MessageText {
  private static final int MAX_DEPTH = 8; // of arrays in arrays, which may hold themselves

  private final StringBuilder kept = new StringBuilder();
  private final int keep;
  private long length;

  private MessageText(int keep) {
    this.keep = keep;
  }

  static Clipped render(
      @Nullable String pattern, @Nullable Object @Nullable [] arguments, int keep) {
    if (pattern == null || arguments == null || arguments.length == 0) {
      return Clipped.of(String.valueOf(pattern), keep);
    }
    var text = new MessageText(keep);
    text.fill(pattern, arguments);
    return new Clipped(text.kept.toString(), (int) Math.min(text.length, Integer.MAX_VALUE));
  }

  /// A value on its own: what `String.valueOf` gives, whatever happens.
  static String of(@Nullable Object value) {
    try {
      var text = value == null ? null : value.toString();
      return text == null ? "null" : text;
    } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
      return "[toString failed: " + failure.getClass().getName() + "]";
    }
  }

  private void fill(String pattern, @Nullable Object[] arguments) {
    int from = 0;
    int next = 0;
    while (next < arguments.length) {
      int brace = pattern.indexOf("{}", from);
      if (brace < 0) {
        break;
      }
      boolean escaped = brace > 0 && pattern.charAt(brace - 1) == '\\';
      boolean escapeEscaped = escaped && brace > 1 && pattern.charAt(brace - 2) == '\\';
      if (escaped && !escapeEscaped) {
        add(pattern, from, brace - 1);
        add("{", 0, 1);
        from = brace + 1;
      } else {
        add(pattern, from, escaped ? brace - 1 : brace);
        argument(arguments[next++], 0);
        from = brace + 2;
      }
    }
    add(pattern, from, pattern.length());
  }

  private void argument(@Nullable Object value, int depth) {
    if (value == null || !value.getClass().isArray()) {
      var text = of(value);
      add(text, 0, text.length());
      return;
    }
    if (depth == MAX_DEPTH) {
      add("[...]", 0, 5);
      return;
    }
    add("[", 0, 1);
    int elements = Array.getLength(value);
    for (int i = 0; i < elements && length <= keep; i++) {
      if (i > 0) {
        add(", ", 0, 2);
      }
      argument(Array.get(value, i), depth + 1);
    }
    add("]", 0, 1);
  }

  private void add(String text, int from, int to) {
    length += to - from;
    int room = keep - kept.length();
    if (room > 0) {
      kept.append(text, from, Math.min(to, from + room));
    }
  }
}
