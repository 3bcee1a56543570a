package dev.millrace.net.tls;

import java.util.Arrays;

/// Elements of ASN.1 in DER, one after the other. Source: X.690, section 8.1.
final class DerReader {
  private final byte[] bytes;
  private int at;
  private int valueFrom;

  DerReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean hasMore() {
    return at < bytes.length;
  }

  /// Goes to the next element and returns its tag.
  ///
  /// @throws IllegalArgumentException if it is not whole
  int next() {
    int tag = octet();
    int length = octet();
    if (length > 0x7f) {
      int octets = length & 0x7f;
      if (octets == 0 || octets > 3) {
        throw damaged();
      }
      length = 0;
      for (int i = 0; i < octets; i++) {
        length = length << 8 | octet();
      }
    }
    if (length > bytes.length - at) {
      throw damaged();
    }
    valueFrom = at;
    at += length;
    return tag;
  }

  /// What is in the element that [#next] went to.
  byte[] value() {
    return Arrays.copyOfRange(bytes, valueFrom, at);
  }

  private int octet() {
    if (at >= bytes.length) {
      throw damaged();
    }
    return bytes[at++] & 0xff;
  }

  private static IllegalArgumentException damaged() {
    return new IllegalArgumentException("the key is damaged");
  }
}
