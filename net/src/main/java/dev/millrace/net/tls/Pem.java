package dev.millrace.net.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Blocks of base64 between `-----BEGIN label-----` and `-----END label-----`; text around them is
/// left alone. Source: RFC 7468.
final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private Pem() {}

  /// One block. `headers` is whether lines such as `Proc-Type: 4,ENCRYPTED` came before the base64
  /// (RFC 1421).
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Block(String label, boolean headers, byte[] content) {}

  /// Every block of a file, none if it has none.
  ///
  /// @throws IllegalArgumentException with what is wrong, never with what stands there
  static List<Block> blocks(byte[] file) {
    var blocks = new ArrayList<Block>();
    String label = null;
    boolean headers = false;
    var base64 = new StringBuilder();
    for (var line : new String(file, StandardCharsets.ISO_8859_1).lines().toList()) {
      var text = line.strip();
      if (label == null) {
        if (text.startsWith(BEGIN) && text.endsWith(DASHES) && text.length() > BEGIN.length() + 5) {
          label = text.substring(BEGIN.length(), text.length() - DASHES.length());
          headers = false;
          base64.setLength(0);
        }
      } else if (text.equals(END + label + DASHES)) {
        blocks.add(new Block(label, headers, decoded(base64.toString())));
        label = null;
      } else if (text.contains(":")) {
        headers = true;
      } else {
        base64.append(text);
      }
    }
    if (label != null) {
      throw new IllegalArgumentException("a block is begun and has no end");
    }
    return blocks;
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException wrong) {
      // Its message quotes the text, which may be a key's.
      throw new IllegalArgumentException("a block is not base64");
    }
  }
}
