package dev.millrace.gateway.wse.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Server frames in tests.
public final class WireFrame {
  private WireFrame() {}

  public static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// The payload of the one binary frame that `wire` holds, which is released.
  public static byte[] payload(ByteBuf wire) {
    int first = wire.readUnsignedByte();
    int length = wire.readUnsignedByte();
    if (first != 0x82) {
      throw new AssertionError("not a whole binary frame: " + first);
    }
    if (length == 126) {
      length = wire.readUnsignedShort();
    } else if (length == 127) {
      length = Math.toIntExact(wire.readLong());
    }
    if (wire.readableBytes() != length) {
      throw new AssertionError("the header says " + length + ", not " + wire.readableBytes());
    }
    var payload = new byte[length];
    wire.readBytes(payload);
    wire.release();
    return payload;
  }
}
