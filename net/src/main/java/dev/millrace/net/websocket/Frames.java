package dev.millrace.net.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// Frame bytes as they stand on the wire. Source: RFC 6455, section 5.2.
public final class Frames {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  static final int FIN = 0x80;
  static final int MASKED = 0x80;

  /// Longest payload of a control frame, in bytes.
  static final int MAX_CONTROL = 125;

  /// Longest header, in bytes.
  static final int MAX_HEADER = 14;

  private Frames() {}

  /// Bytes in front of an unmasked payload of this length: 2, 4 or 10.
  public static int headerBytes(int payloadBytes) {
    return payloadBytes <= MAX_CONTROL ? 2 : payloadBytes <= 0xffff ? 4 : 10;
  }

  /// Appends the header of one unmasked, unfragmented data frame; the payload comes after it.
  public static void writeHeader(ByteBuf out, boolean text, int payloadBytes) {
    writeHeader(out, FIN | (text ? TEXT : BINARY), 0, payloadBytes);
  }

  /// `first` is the frame's first byte, `mask` either 0 or [#MASKED].
  static void writeHeader(ByteBuf out, int first, int mask, int payloadBytes) {
    out.writeByte(first);
    if (payloadBytes <= MAX_CONTROL) {
      out.writeByte(mask | payloadBytes);
    } else if (payloadBytes <= 0xffff) {
      out.writeByte(mask | 126).writeShort(payloadBytes);
    } else {
      out.writeByte(mask | 127).writeLong(payloadBytes);
    }
  }

  /// The payload of a close frame; the reason is cut at a character's end to fit.
  static byte[] closePayload(int code, String reason) {
    if (code == CloseCode.NO_CODE) {
      return new byte[0];
    }
    var words = reason;
    while (ByteBufUtil.utf8Bytes(words) > MAX_CONTROL - Short.BYTES) {
      words = words.substring(0, words.offsetByCodePoints(words.length(), -1));
    }
    var text = words.getBytes(StandardCharsets.UTF_8);
    var payload = new byte[Short.BYTES + text.length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, Short.BYTES, text.length);
    return payload;
  }
}
