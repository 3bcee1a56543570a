package dev.millrace.bench.websocket;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/// Frame headers, read from and written to a buffer in place. A header that was read is one `long`,
/// so that a million of them cost no allocation; the static methods take it apart. Source: RFC
/// 6455, section 5.2.
public final class FrameHeader {
  /// Not all bytes of the header are there yet.
  public static final long INCOMPLETE = -1;

  /// Payload bytes a frame may carry here; far more than any measurement uses, and small enough
  /// that a read buffer always holds a whole frame.
  public static final int MAX_PAYLOAD_BYTES = 128 * 1024;

  /// The longest header: two bytes, eight of length, four of mask.
  public static final int MAX_HEADER_BYTES = 14;

  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  private static final int FIN = 0x80;
  private static final int RESERVED = 0x70;
  private static final int MASKED = 0x80;

  private FrameHeader() {}

  /// Reads the header that begins at `at`; bytes from `end` on are not there yet.
  ///
  /// @return the header, or [#INCOMPLETE]
  /// @throws ProtocolException on a fragmented message, reserved bits, or a payload over
  ///     [#MAX_PAYLOAD_BYTES]; none of them has a place in a measurement
  public static long read(ByteBuffer bytes, int at, int end) throws ProtocolException {
    if (end - at < 2) {
      return INCOMPLETE;
    }
    int first = bytes.get(at);
    int second = bytes.get(at + 1);
    int opcode = first & 0x0F;
    if ((first & FIN) == 0 || opcode == 0 || (first & RESERVED) != 0) {
      throw new ProtocolException(
          "frame begins with 0x%02x; only whole messages without extensions are understood"
              .formatted(first & 0xFF));
    }
    int headerBytes = 2;
    long length = second & 0x7F;
    if (length == 126) {
      headerBytes = 4;
      if (end - at < headerBytes) {
        return INCOMPLETE;
      }
      length = bytes.getShort(at + 2) & 0xFFFF;
    } else if (length == 127) {
      headerBytes = 10;
      if (end - at < headerBytes) {
        return INCOMPLETE;
      }
      length = bytes.getLong(at + 2);
    }
    if (length < 0 || length > MAX_PAYLOAD_BYTES) {
      throw new ProtocolException(
          "frame of " + Long.toUnsignedString(length) + " bytes > " + MAX_PAYLOAD_BYTES);
    }
    long masked = 0;
    if ((second & MASKED) != 0) {
      masked = 1;
      headerBytes += 4;
      if (end - at < headerBytes) {
        return INCOMPLETE;
      }
    }
    return masked << 48 | (long) opcode << 40 | (long) headerBytes << 32 | length;
  }

  public static int payloadBytes(long header) {
    return (int) header;
  }

  public static int headerBytes(long header) {
    return (int) (header >>> 32) & 0xFF;
  }

  public static int opcode(long header) {
    return (int) (header >>> 40) & 0xFF;
  }

  public static boolean isMasked(long header) {
    return header >>> 48 != 0;
  }

  /// Header and payload together.
  public static int frameBytes(long header) {
    return headerBytes(header) + payloadBytes(header);
  }

  /// Appends the header of an unmasked frame, as servers send it.
  public static void write(ByteBuffer out, int opcode, int payloadBytes) {
    write(out, opcode, payloadBytes, 0);
  }

  /// Appends the header of a frame masked with `key`, as clients send it.
  public static void writeMasked(ByteBuffer out, int opcode, int payloadBytes, int key) {
    write(out, opcode, payloadBytes, MASKED);
    out.putInt(key);
  }

  /// Bytes an unmasked frame of `payloadBytes` takes on the wire.
  public static int wireBytes(int payloadBytes) {
    return payloadBytes + (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10);
  }

  /// The payload whose unmasked frame takes `wireBytes`. Two sizes (128, 129) have none; the next
  /// larger frame answers for them.
  public static int payloadBytesFor(int wireBytes) {
    if (wireBytes - 2 < 126) {
      return wireBytes - 2;
    }
    int shorter = Math.max(126, wireBytes - 4);
    return shorter < 65_536 ? shorter : Math.max(65_536, wireBytes - 10);
  }

  private static void write(ByteBuffer out, int opcode, int payloadBytes, int masked) {
    out.put((byte) (FIN | opcode));
    if (payloadBytes < 126) {
      out.put((byte) (masked | payloadBytes));
    } else if (payloadBytes < 65_536) {
      out.put((byte) (masked | 126)).putShort((short) payloadBytes);
    } else {
      out.put((byte) (masked | 127)).putLong(payloadBytes);
    }
  }
}
