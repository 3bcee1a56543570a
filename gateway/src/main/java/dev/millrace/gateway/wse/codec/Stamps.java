package dev.millrace.gateway.wse.codec;

import dev.millrace.core.json.Json;
import dev.millrace.hub.Stamp;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Where a frame stands, as its last keys say: `tp` the topic, `e` its epoch in 8 hexadecimal
/// digits, `o` the offset. Clients of later generations know by them what they missed; to others
/// they are unknown keys.
public final class Stamps {
  private static final byte[] TOPIC = ascii(",\"tp\":");
  private static final byte[] EPOCH = ascii(",\"e\":\"");
  private static final byte[] OFFSET = ascii("\",\"o\":");
  private static final int EPOCH_DIGITS = 8;

  private Stamps() {}

  /// The exact number of bytes that [#write] appends.
  public static int bytes(Stamp stamp) {
    int topic = isPlain(stamp.topic()) ? stamp.topic().length() + 2 : quoted(stamp).length;
    return TOPIC.length
        + topic
        + EPOCH.length
        + EPOCH_DIGITS
        + OFFSET.length
        + digits(stamp.offset());
  }

  /// Appends the keys, a comma before each.
  public static void write(Stamp stamp, ByteBuf out) {
    out.writeBytes(TOPIC);
    if (isPlain(stamp.topic())) {
      out.writeByte('"');
      out.writeCharSequence(stamp.topic(), StandardCharsets.US_ASCII);
      out.writeByte('"');
    } else {
      out.writeBytes(quoted(stamp));
    }
    out.writeBytes(EPOCH);
    for (int shift = (EPOCH_DIGITS - 1) * 4; shift >= 0; shift -= 4) {
      out.writeByte(Character.forDigit(stamp.epoch() >>> shift & 0xF, 16));
    }
    out.writeBytes(OFFSET);
    int digits = digits(stamp.offset());
    out.ensureWritable(digits);
    int end = out.writerIndex() + digits;
    long rest = stamp.offset();
    for (int at = end - 1; at >= end - digits; at--) {
      out.setByte(at, (byte) ('0' + rest % 10));
      rest /= 10;
    }
    out.writerIndex(end);
  }

  /// An epoch as clients see it.
  public static String epoch(int epoch) {
    return HexFormat.of().toHexDigits(epoch);
  }

  private static byte[] quoted(Stamp stamp) {
    return Json.quoted(stamp.topic());
  }

  /// Whether JSON writes it as it is.
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static int digits(long offset) {
    int digits = 1;
    for (long rest = offset / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
