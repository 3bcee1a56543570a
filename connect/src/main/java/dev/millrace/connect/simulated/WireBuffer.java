package dev.millrace.connect.simulated;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds one message as UTF-8 in an array that is used again for the next. Confined to one thread.
final class WireBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BASE32 =
      "abcdefghijklmnopqrstuvwxyz234567".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SORTABLE =
      "234567abcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[4_096];
  private int length;

  WireBuffer clear() {
    length = 0;
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /// Appends ASCII that needs no escapes.
  WireBuffer raw(byte[] ascii) {
    room(ascii.length);
    System.arraycopy(ascii, 0, bytes, length, ascii.length);
    length += ascii.length;
    return this;
  }

  @SuppressWarnings("deprecation") // the one-byte copy is exactly what ASCII needs
  WireBuffer raw(String ascii) {
    int count = ascii.length();
    room(count);
    ascii.getBytes(0, count, bytes, length);
    length += count;
    return this;
  }

  WireBuffer decimal(long value) {
    return raw(Long.toString(value));
  }

  /// Exactly `digits` decimal digits.
  WireBuffer padded(int value, int digits) {
    room(digits);
    int rest = value;
    for (int i = digits - 1; i >= 0; i--) {
      bytes[length + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    return this;
  }

  /// The inside of a JSON string as the network's servers write it: `&`, `<` and `>` escaped for
  /// HTML, everything else that JSON allows as it is.
  WireBuffer text(String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      room(6);
      switch (b) {
        case '"', '\\' -> {
          bytes[length++] = '\\';
          bytes[length++] = b;
        }
        case '\n' -> {
          bytes[length++] = '\\';
          bytes[length++] = 'n';
        }
        case '&', '<', '>' -> unicodeEscape(b);
        default -> {
          if (b >= 0 && b < ' ') {
            unicodeEscape(b);
          } else {
            bytes[length++] = b;
          }
        }
      }
    }
    return this;
  }

  /// The low `count` × 5 bits of `value` as base32 (RFC 4648, section 6, lower case), highest
  /// first.
  WireBuffer base32(long value, int count) {
    return fives(value, count, BASE32);
  }

  /// The same in the order-preserving alphabet of record keys and revisions.
  WireBuffer sortable(long value, int count) {
    return fives(value, count, SORTABLE);
  }

  private WireBuffer fives(long value, int count, byte[] alphabet) {
    room(count);
    for (int i = count - 1; i >= 0; i--) {
      bytes[length++] = alphabet[(int) (value >>> (5 * i)) & 31];
    }
    return this;
  }

  private void unicodeEscape(byte b) {
    bytes[length++] = '\\';
    bytes[length++] = 'u';
    bytes[length++] = '0';
    bytes[length++] = '0';
    bytes[length++] = HEX[b >> 4];
    bytes[length++] = HEX[b & 15];
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
