package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Finds where JSON values end, without a token stream and without allocating. What is unusual
/// (deep nesting, an escape in a name, a long name or number) and whatever is wrong it does not
/// judge: it answers [#UNUSUAL], and the parser has the last word. So it takes less than the parser
/// and never anything else; the bytes, which go up to `end`, have to be [#isText]. Source: RFC
/// 8259, sections 2 to 7.
public final class JsonScanner {
  /// Not a value that is read here.
  static final int UNUSUAL = -1;

  private static final int DEEPEST = 60; // kinds of what is open are the bits of one long
  private static final int LONGEST_NAME = 1_000;
  private static final int LONGEST_NUMBER = 100;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private JsonScanner() {}

  /// What [Json#kindOf] says of `bytes`, in a fraction of its time where they are as usual.
  public static Json.@Nullable Kind kindOf(byte[] bytes) {
    int end = bytes.length;
    int from = blanks(bytes, end, 0);
    if (from < end && isText(bytes, end)) {
      int to = value(bytes, end, from);
      if (to >= 0 && blanks(bytes, end, to) == end) {
        return switch (bytes[from]) {
          case '{' -> Json.Kind.OBJECT;
          case '[' -> Json.Kind.ARRAY;
          default -> Json.Kind.SCALAR;
        };
      }
    }
    return Json.kindOf(bytes);
  }

  /// Whether the bytes are UTF-8.
  static boolean isText(byte[] bytes, int end) {
    return isAscii(bytes, end) || Json.isUtf8(bytes, end);
  }

  /// A whole value of any kind.
  static int value(byte[] bytes, int end, int start) {
    int at = start;
    long objects = 0; // bit n: whether what is open at depth n is an object
    int depth = 0;
    while (at < end) {
      byte first = bytes[at];
      boolean object = first == '{';
      if (object || first == '[') {
        at = blanks(bytes, end, at + 1);
        if (!is(bytes, end, at, object ? '}' : ']')) {
          if (depth == DEEPEST) {
            return UNUSUAL;
          }
          objects = (objects << 1) | (object ? 1 : 0);
          depth++;
          at = object ? member(bytes, end, at) : at;
          if (at < 0) {
            return UNUSUAL;
          }
          continue; // with the first value in it
        }
        at++;
      } else {
        at = scalar(bytes, end, at);
        if (at < 0) {
          return UNUSUAL;
        }
      }
      // A value has ended, and with it perhaps what it stands in.
      while (depth > 0) {
        boolean inObject = (objects & 1) != 0;
        at = blanks(bytes, end, at);
        if (is(bytes, end, at, ',')) {
          at = blanks(bytes, end, at + 1);
          at = inObject ? member(bytes, end, at) : at;
          break;
        }
        if (!is(bytes, end, at, inObject ? '}' : ']')) {
          return UNUSUAL;
        }
        at++;
        objects >>>= 1;
        depth--;
      }
      if (depth == 0 || at < 0) {
        return at;
      }
    }
    return UNUSUAL;
  }

  /// The name of a member, up to its value.
  private static int member(byte[] bytes, int end, int at) {
    int nameEnd = name(bytes, end, at);
    return nameEnd < 0 ? UNUSUAL : colon(bytes, end, nameEnd);
  }

  /// A name without an escape.
  static int name(byte[] bytes, int end, int at) {
    int to = plainText(bytes, end, at);
    return to - at <= LONGEST_NAME + 2 ? to : UNUSUAL;
  }

  /// A string without an escape.
  static int plainText(byte[] bytes, int end, int at) {
    if (!is(bytes, end, at, '"')) {
      return UNUSUAL;
    }
    int quote = plain(bytes, end, at + 1);
    return is(bytes, end, quote, '"') ? quote + 1 : UNUSUAL;
  }

  /// From behind a name to its value.
  static int colon(byte[] bytes, int end, int behindName) {
    int at = blanks(bytes, end, behindName);
    return is(bytes, end, at, ':') ? blanks(bytes, end, at + 1) : UNUSUAL;
  }

  private static int scalar(byte[] bytes, int end, int at) {
    return switch (bytes[at]) {
      case '"' -> string(bytes, end, at);
      case 't' -> stands(bytes, end, at, "true") ? at + 4 : UNUSUAL;
      case 'f' -> stands(bytes, end, at, "false") ? at + 5 : UNUSUAL;
      case 'n' -> stands(bytes, end, at, "null") ? at + 4 : UNUSUAL;
      default -> number(bytes, end, at);
    };
  }

  private static int string(byte[] bytes, int end, int start) {
    int at = plain(bytes, end, start + 1);
    while (is(bytes, end, at, '\\')) {
      if (at + 1 == end) {
        return UNUSUAL;
      }
      switch (bytes[at + 1]) {
        case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at += 2;
        case 'u' -> {
          if (!areHex(bytes, end, at + 2)) {
            return UNUSUAL;
          }
          at += 6;
        }
        default -> {
          return UNUSUAL;
        }
      }
      at = plain(bytes, end, at);
    }
    return is(bytes, end, at, '"') ? at + 1 : UNUSUAL;
  }

  /// Where the next quote, backslash or control character stands, or the input ends. Eight bytes
  /// at a time: a byte below n borrows from its neighbour above when n is taken from each.
  static int plain(byte[] bytes, int end, int start) {
    int at = start;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long word = (long) LONGS.get(bytes, at);
      long quotes = (word ^ (ONES * '"')) - ONES;
      long slashes = (word ^ (ONES * '\\')) - ONES;
      long found = (quotes | slashes | (word - ONES * ' ')) & ~word & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    while (at < end && !isSpecial(bytes[at])) {
      at++;
    }
    return at;
  }

  private static boolean isSpecial(byte octet) {
    return octet == '"' || octet == '\\' || (octet >= 0 && octet < ' ');
  }

  private static int number(byte[] bytes, int end, int start) {
    int at = is(bytes, end, start, '-') ? start + 1 : start;
    int digits = digits(bytes, end, at);
    if (digits == at || (bytes[at] == '0' && digits > at + 1)) {
      return UNUSUAL;
    }
    at = digits;
    if (is(bytes, end, at, '.')) {
      digits = digits(bytes, end, at + 1);
      if (digits == at + 1) {
        return UNUSUAL;
      }
      at = digits;
    }
    if (is(bytes, end, at, 'e') || is(bytes, end, at, 'E')) {
      at++;
      at = is(bytes, end, at, '+') || is(bytes, end, at, '-') ? at + 1 : at;
      digits = digits(bytes, end, at);
      if (digits == at) {
        return UNUSUAL;
      }
      at = digits;
    }
    return at - start <= LONGEST_NUMBER ? at : UNUSUAL;
  }

  /// The next byte that is no digit.
  static int digits(byte[] bytes, int end, int start) {
    int at = start;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  /// The next byte that is no white space.
  static int blanks(byte[] bytes, int end, int start) {
    int at = start;
    if (at < end && bytes[at] > ' ') {
      return at; // as a rule
    }
    while (at < end
        && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static boolean areHex(byte[] bytes, int end, int from) {
    if (from + 4 > end) {
      return false;
    }
    for (int at = from; at < from + 4; at++) {
      if (Character.digit(bytes[at], 16) < 0) {
        return false;
      }
    }
    return true;
  }

  /// The eight bytes from `at` on, the first lowest.
  static long eight(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }

  static boolean is(byte[] bytes, int end, int at, char wanted) {
    return at < end && bytes[at] == wanted;
  }

  static boolean stands(byte[] bytes, int end, int from, String word) {
    if (from + word.length() > end) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAscii(byte[] bytes, int end) {
    long seen = 0;
    int at = 0;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      seen |= (long) LONGS.get(bytes, at);
    }
    for (; at < end; at++) {
      seen |= bytes[at];
    }
    return (seen & HIGH_BITS) == 0;
  }
}
