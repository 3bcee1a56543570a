package dev.millrace.connect.jetstream;

import java.nio.charset.StandardCharsets;

/// Decodes the inside of JSON strings that [JsonScanner] has validated.
final class JsonStrings {
  private JsonStrings() {}

  /// The text between the quotes at `start` and `end`.
  static String decode(byte[] bytes, int start, int end, boolean escaped) {
    if (!escaped) {
      return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
    var text = new StringBuilder(end - start);
    int at = start;
    while (at < end) {
      int plain = at;
      while (at < end && bytes[at] != '\\') {
        at++;
      }
      text.append(new String(bytes, plain, at - plain, StandardCharsets.UTF_8));
      if (at < end) {
        byte kind = bytes[at + 1];
        text.append(kind == 'u' ? (char) hex(bytes, at + 2) : plainEscape(kind));
        at += kind == 'u' ? 6 : 2;
      }
    }
    return text.toString();
  }

  /// Four hexadecimal digits as a number, -1 if they are none.
  static int hex(byte[] bytes, int at) {
    int value = 0;
    for (int i = at; i < at + 4; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static char plainEscape(byte kind) {
    return switch (kind) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> (char) kind; // a quote, a slash or a backslash stands for itself
    };
  }
}
