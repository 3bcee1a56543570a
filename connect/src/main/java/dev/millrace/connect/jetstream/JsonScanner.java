package dev.millrace.connect.jetstream;

import dev.millrace.core.json.Json;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Walks one JSON text (RFC 8259) in a single pass, validating every byte including UTF-8, and
/// decodes only what its caller asks for. It never recurses and never allocates except for
/// [#string]; what it accepts, [Json] accepts too. Confined to one call on one thread.
///
/// After [#readString] the token just read stands in [#start], [#end] (without the quotes) and
/// [#escaped].
final class JsonScanner {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;

  // The limits of the process-wide JSON factory, so that nobody later fails on what passed here.
  private static final int MAX_NUMBER = 1_000;
  private static final int MAX_NAME = 50_000;

  private final byte[] bytes;
  private final int limit;
  private int position;

  private int start;
  private int end;
  private boolean escaped;

  // One bit per open structure: set for an object, clear for an array.
  private final long[] objects = new long[(Json.MAX_DEPTH + 63) / 64];

  JsonScanner(byte[] bytes) {
    this.bytes = bytes;
    this.limit = bytes.length;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  boolean escaped() {
    return escaped;
  }

  /// The next byte that is not white space, not consumed; 0 at the end of the bytes.
  byte peek() {
    while (position < limit) {
      byte next = bytes[position];
      if (next > ' ' || (next != ' ' && next != '\n' && next != '\r' && next != '\t')) {
        return next;
      }
      position++;
    }
    return 0;
  }

  /// Consumes `wanted` if it comes next.
  boolean skipIf(char wanted) {
    if (peek() == wanted && position < limit) {
      position++;
      return true;
    }
    return false;
  }

  void expect(char wanted) throws BrokenJsonException {
    if (!skipIf(wanted)) {
      throw broken("another character was expected");
    }
  }

  void expectEnd() throws BrokenJsonException {
    peek();
    if (position < limit) {
      throw broken("something follows the value");
    }
  }

  /// Reads a key and the colon behind it.
  void readName() throws BrokenJsonException {
    readString();
    if (end - start > MAX_NAME) {
      throw broken("a key is too long");
    }
    expect(':');
  }

  /// Whether the string just read says `wanted` (ASCII).
  boolean is(byte[] wanted) {
    if (escaped) {
      return string().equals(new String(wanted, StandardCharsets.US_ASCII));
    }
    return java.util.Arrays.equals(bytes, start, end, wanted, 0, wanted.length);
  }

  /// The string just read.
  String string() {
    return JsonStrings.decode(bytes, start, end, escaped);
  }

  /// Reads a string token.
  void readString() throws BrokenJsonException {
    expect('"');
    int at = position;
    boolean sawEscape = false;
    start = at;
    while (true) {
      while (at + 8 <= limit) {
        long word = (long) LONGS.get(bytes, at);
        long quotes = word ^ (ONES * '"');
        long slashes = word ^ (ONES * '\\');
        long special =
            (((quotes - ONES) & ~quotes)
                    | ((slashes - ONES) & ~slashes)
                    | (word - ONES * ' ')
                    | word)
                & HIGHS;
        if (special != 0) {
          // The lowest flag is exact; borrows can only set false flags above a true one.
          at += Long.numberOfTrailingZeros(special) >>> 3;
          break;
        }
        at += 8;
      }
      if (at >= limit) {
        position = at;
        throw broken("a string does not end");
      }
      byte next = bytes[at];
      if (next == '"') {
        break;
      }
      if (next == '\\') {
        sawEscape = true;
        at = escape(at);
      } else if (next < 0) {
        at = multibyte(at);
      } else if (next < ' ') {
        position = at;
        throw broken("a control character stands in a string");
      } else {
        at++;
      }
    }
    end = at;
    escaped = sawEscape;
    position = at + 1;
  }

  /// Reads an integer of at most 18 digits; any other value is skipped and answers `otherwise`.
  long readLong(long otherwise, int depth) throws BrokenJsonException {
    byte first = peek();
    if (first != '-' && (first < '0' || first > '9')) {
      skipValue(depth);
      return otherwise;
    }
    int from = first == '-' ? position + 1 : position;
    if (!skipNumber() || position - from > 18) {
      return otherwise;
    }
    long value = 0;
    for (int i = from; i < position; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return first == '-' ? -value : value;
  }

  /// Skips one value of any kind, `depth` structures being open around it.
  void skipValue(int depth) throws BrokenJsonException {
    int open = depth;
    while (true) {
      byte first = peek();
      boolean opened = false;
      if (first == '"') {
        readString();
      } else if (first == '{' || first == '[') {
        if (open >= Json.MAX_DEPTH) {
          throw broken("the value is nested deeper than " + Json.MAX_DEPTH);
        }
        position++;
        mark(open++, first == '{');
        opened = true;
      } else {
        skipScalar(first);
      }
      // Close what ends here, then step to the next member.
      while (true) {
        if (open == depth) {
          return;
        }
        boolean object = isObject(open - 1);
        if (skipIf(object ? '}' : ']')) {
          open--;
          opened = false;
          continue;
        }
        if (!opened) {
          expect(',');
        }
        if (object) {
          readName();
        }
        break;
      }
    }
  }

  private void skipScalar(byte first) throws BrokenJsonException {
    switch (first) {
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      default -> {
        if (first != '-' && (first < '0' || first > '9')) {
          throw broken("a value was expected");
        }
        skipNumber();
      }
    }
  }

  private void literal(String word) throws BrokenJsonException {
    for (int i = 0; i < word.length(); i++) {
      if (position + i >= limit || bytes[position + i] != word.charAt(i)) {
        throw broken("a value was expected");
      }
    }
    position += word.length();
  }

  /// Whether the number just skipped has neither fraction nor exponent.
  private boolean skipNumber() throws BrokenJsonException {
    int from = position;
    if (bytes[position] == '-') {
      position++;
    }
    if (position < limit && bytes[position] == '0') {
      position++;
    } else {
      digits();
    }
    boolean whole = true;
    if (position < limit && bytes[position] == '.') {
      whole = false;
      position++;
      digits();
    }
    if (position < limit && (bytes[position] | 0x20) == 'e') {
      whole = false;
      position++;
      if (position < limit && (bytes[position] == '+' || bytes[position] == '-')) {
        position++;
      }
      digits();
    }
    if (position - from > MAX_NUMBER) {
      throw broken("a number is too long");
    }
    return whole;
  }

  private void digits() throws BrokenJsonException {
    int from = position;
    while (position < limit && bytes[position] >= '0' && bytes[position] <= '9') {
      position++;
    }
    if (position == from) {
      throw broken("a digit was expected");
    }
  }

  /// The position after the escape at `at`.
  private int escape(int at) throws BrokenJsonException {
    if (at + 1 < limit) {
      switch (bytes[at + 1]) {
        case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
          return at + 2;
        }
        case 'u' -> {
          if (at + 6 <= limit && JsonStrings.hex(bytes, at + 2) >= 0) {
            return at + 6;
          }
        }
        default -> {}
      }
    }
    position = at;
    throw broken("an escape is broken");
  }

  /// The position after the well-formed UTF-8 sequence at `at` (RFC 3629, section 4).
  private int multibyte(int at) throws BrokenJsonException {
    int first = bytes[at] & 0xFF;
    int second = continuation(at + 1);
    if (first >= 0xC2 && first <= 0xDF && second >= 0) {
      return at + 2;
    }
    if (first >= 0xE0 && first <= 0xEF && second >= 0 && continuation(at + 2) >= 0) {
      boolean overlong = first == 0xE0 && second < 0x20;
      boolean surrogate = first == 0xED && second >= 0x20;
      if (!overlong && !surrogate) {
        return at + 3;
      }
    }
    if (first >= 0xF0
        && first <= 0xF4
        && second >= 0
        && continuation(at + 2) >= 0
        && continuation(at + 3) >= 0) {
      boolean overlong = first == 0xF0 && second < 0x10;
      boolean beyond = first == 0xF4 && second >= 0x10;
      if (!overlong && !beyond) {
        return at + 4;
      }
    }
    position = at;
    throw broken("a string is not UTF-8");
  }

  private int continuation(int at) {
    return at < limit && (bytes[at] & 0xC0) == 0x80 ? bytes[at] & 0x3F : -1;
  }

  private void mark(int level, boolean object) {
    long bit = 1L << level;
    if (object) {
      objects[level >> 6] |= bit;
    } else {
      objects[level >> 6] &= ~bit;
    }
  }

  private boolean isObject(int level) {
    return (objects[level >> 6] & (1L << level)) != 0;
  }

  private BrokenJsonException broken(String what) {
    return new BrokenJsonException(what, position);
  }
}
