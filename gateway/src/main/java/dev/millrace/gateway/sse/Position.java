package dev.millrace.gateway.sse;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A place in a topic's log, as event ids have it: `EEEEEEEE-OOOOOOOOOOOO`, epoch and offset in
/// hexadecimal digits of fixed width. No two topics of a process share an epoch, so a list of
/// positions says by itself which topic each is of. The id of a connection with several topics is
/// such a list, with commas.
record Position(int epoch, long offset) {
  /// Characters of one position.
  static final int LENGTH = 21;

  private static final int EPOCH_DIGITS = 8;
  private static final int OFFSET_DIGITS = 12;
  private static final int MOST = 256; // of one list
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{12}");
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /// The positions of an event id, empty if it is none of ours.
  static List<Position> readAll(String id) {
    if (id.length() > MOST * (LENGTH + 1)) {
      return List.of();
    }
    var positions = new ArrayList<Position>();
    for (var part : id.strip().split(",", -1)) {
      if (!FORM.matcher(part).matches()) {
        return List.of();
      }
      positions.add(
          new Position(
              HexFormat.fromHexDigits(part, 0, EPOCH_DIGITS),
              HexFormat.fromHexDigitsToLong(part, EPOCH_DIGITS + 1, LENGTH)));
    }
    return List.copyOf(positions);
  }

  static void write(int epoch, long offset, ByteBuf out) {
    digits(epoch & 0xFFFF_FFFFL, EPOCH_DIGITS, out);
    out.writeByte('-');
    digits(offset, OFFSET_DIGITS, out);
  }

  /// The position that stands at `index`, or null if none does.
  static @Nullable Position at(ByteBuf from, int index) {
    long epoch = digits(from, index, EPOCH_DIGITS);
    long offset = digits(from, index + EPOCH_DIGITS + 1, OFFSET_DIGITS);
    boolean sound = epoch >= 0 && offset >= 0 && from.getByte(index + EPOCH_DIGITS) == '-';
    return sound ? new Position((int) epoch, offset) : null;
  }

  /// As the hub has it.
  dev.millrace.hub.Position inTopic() {
    return new dev.millrace.hub.Position(epoch, offset);
  }

  String epochText() {
    return HexFormat.of().toHexDigits(epoch);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(epoch)
        + "-"
        + HexFormat.of().toHexDigits(offset, OFFSET_DIGITS);
  }

  private static void digits(long value, int count, ByteBuf out) {
    for (int shift = (count - 1) * 4; shift >= 0; shift -= 4) {
      out.writeByte(DIGITS[(int) (value >>> shift) & 0xF]);
    }
  }

  private static long digits(ByteBuf from, int index, int count) {
    long value = 0;
    for (int i = index; i < index + count; i++) {
      int digit = Character.digit(from.getByte(i), 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }
}
