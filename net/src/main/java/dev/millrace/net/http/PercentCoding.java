package dev.millrace.net.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Percent-encoding of paths and queries. Source: RFC 3986, section 2.1.
public final class PercentCoding {
  private PercentCoding() {}

  /// What `raw` stands for, as UTF-8; in a query `+` is a space. Bytes above 0x7F may stand
  /// unencoded, one to a character.
  ///
  /// @throws IllegalArgumentException if it stands for nothing, with a sentence for whoever sent it
  public static String decode(String raw, boolean plusIsSpace) {
    if (raw.chars().allMatch(c -> c < 0x80 && c != '%' && !(plusIsSpace && c == '+'))) {
      return raw;
    }
    var bytes = ByteBuffer.allocate(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        bytes.put(octet(raw, i));
        i += 2;
      } else {
        bytes.put((byte) (plusIsSpace && c == '+' ? ' ' : c));
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException broken) {
      throw new IllegalArgumentException("the request target is not UTF-8", broken);
    }
  }

  private static byte octet(String raw, int percent) {
    if (percent + 2 < raw.length()) {
      int high = Character.digit(raw.charAt(percent + 1), 16);
      int low = Character.digit(raw.charAt(percent + 2), 16);
      if (high >= 0 && low >= 0) {
        return (byte) ((high << 4) | low);
      }
    }
    throw new IllegalArgumentException(
        "a % in the request target wants two hexadecimal digits after it");
  }
}
