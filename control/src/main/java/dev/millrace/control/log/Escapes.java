package dev.millrace.control.log;

/// Writes foreign text so that it cannot change how a log is read: control characters (ANSI escapes
/// and newlines among them), format characters (bidirectional overrides among them), line and
/// paragraph separators and unpaired surrogates go out as escapes. Zero-width joiners stay, since
/// scripts and emoji need them.
final class Escapes {
  private static final char ZERO_WIDTH_NON_JOINER = '\u200C';
  private static final char ZERO_WIDTH_JOINER = '\u200D';
  private static final String HEX = "0123456789abcdef";

  private enum Style {
    JSON,
    PLAIN,
    QUOTED
  }

  private Escapes() {}

  /// The inside of a JSON string (RFC 8259, section 7). It reads back as `text`, except that an
  /// unpaired surrogate, which no UTF-8 can carry on, becomes the six characters of its escape.
  static void json(String text, StringBuilder out) {
    escape(text, out, Style.JSON);
  }

  /// One line of text.
  static void plain(String text, StringBuilder out) {
    escape(text, out, Style.PLAIN);
  }

  /// The inside of double quotes on a line of text.
  static void quoted(String text, StringBuilder out) {
    escape(text, out, Style.QUOTED);
  }

  private static void escape(String text, StringBuilder out, Style style) {
    int from = 0; // what is harmless goes out in runs
    int at = 0;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      int next = at + Character.charCount(point);
      if (!isHarmless(point, style)) {
        out.append(text, from, at);
        for (int i = at; i < next; i++) {
          append(text.charAt(i), next - at == 1, style, out);
        }
        from = next;
      }
      at = next;
    }
    out.append(text, from, text.length());
  }

  private static boolean isHarmless(int point, Style style) {
    if (point < 0x7F) {
      return point >= ' ' && (style == Style.PLAIN || (point != '"' && point != '\\'));
    }
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.FORMAT -> point == ZERO_WIDTH_JOINER || point == ZERO_WIDTH_NON_JOINER;
      default -> true;
    };
  }

  private static void append(char c, boolean alone, Style style, StringBuilder out) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '"', '\\' -> out.append('\\').append(c);
      default -> {
        if (style == Style.JSON && alone && Character.isSurrogate(c)) {
          out.append('\\');
        }
        if (style != Style.JSON && c <= 0xFF) {
          hex(c, 2, out.append("\\x"));
        } else {
          hex(c, 4, out.append("\\u"));
        }
      }
    }
  }

  private static void hex(char c, int digits, StringBuilder out) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 0xF));
    }
  }
}
