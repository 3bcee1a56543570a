package dev.millrace.gateway.sse;

import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.gateway.wse.codec.EnvelopeReader;
import dev.millrace.hub.Message;
import dev.millrace.hub.Reencoder;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A message as one server-sent event: its type as `event`, the same JSON object that WebSocket
/// clients get as `data` (one line for each line of it), and its position.
///
/// Where a connection has one topic the position is the event's `id`. Where it has several no
/// shared bytes can say how far it is in all of them: then the position is a comment, and the
/// connection adds events without data that set the id. `chunked` forms have an HTTP chunk around
/// every event. Source: HTML Standard, section 9.2; RFC 9112, section 7.1.
enum SseForm implements WireForm {
  SSE(true, true),
  SSE_MANY(true, false),
  SSE_BARE(false, true),
  SSE_MANY_BARE(false, false);

  private static final int SIZE_DIGITS = 8;
  private static final short LINE_ENDS = '\n' << 8 | '\n';
  private static final byte[] EVENT = ascii("event: ");
  private static final byte[] DATA = ascii("\ndata: ");
  private static final byte[] ID = ascii("\nid: ");
  private static final byte[] COMMENT = ascii("\n: ");
  private static final byte[] END = ascii("\n\n");
  private static final byte[] CRLF = ascii("\r\n");

  private final boolean chunked;
  private final boolean hasId;

  SseForm(boolean chunked, boolean hasId) {
    this.chunked = chunked;
    this.hasId = hasId;
  }

  static SseForm of(boolean chunked, boolean oneTopic) {
    if (chunked) {
      return oneTopic ? SSE : SSE_MANY;
    }
    return oneTopic ? SSE_BARE : SSE_MANY_BARE;
  }

  @Override
  public int sizeLimit(Message message) {
    int fixed = SIZE_DIGITS + 2 * CRLF.length + EVENT.length + DATA.length + ID.length;
    return fixed
        + Position.LENGTH
        + END.length
        + ByteBufUtil.utf8MaxBytes(message.type())
        + WseEnvelope.jsonBytes(message)
        + lineEnds(message.payload()) * DATA.length;
  }

  @Override
  public @Nullable Reencoder reencoderOf(WireForm canonical) {
    return canonical.readable().equals(WseEnvelope.INSTANCE)
        ? EnvelopeReader.reencoder(this)
        : null;
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    int start = out.writerIndex();
    int body = begin(out);
    out.writeBytes(EVENT);
    writeType(message.type(), out);
    out.writeBytes(DATA);
    int json = out.writerIndex() - start;
    int timestamp = json + writeData(message, stamp, out);
    out.writeBytes(hasId ? ID : COMMENT);
    Position.write(stamp.epoch(), stamp.offset(), out);
    out.writeBytes(END);
    end(out, body);
    return timestamp;
  }

  /// Bytes of this server's own, such as a comment, ready to be written.
  ByteBuf frame(String lines) {
    int length = ByteBufUtil.utf8Bytes(lines);
    var out = Unpooled.directBuffer(length + SIZE_DIGITS + 2 * CRLF.length);
    int body = begin(out);
    out.writeCharSequence(lines, StandardCharsets.UTF_8);
    end(out, body);
    return out;
  }

  /// The position of the last event in `frames`, null where they are of another kind.
  @Nullable Position lastPosition(ByteBuf frames) {
    int tail = END.length + (chunked ? CRLF.length : 0);
    int at = frames.writerIndex() - tail - Position.LENGTH;
    int mark = hasId ? ID.length : COMMENT.length;
    if (at - mark < frames.readerIndex() || frames.getByte(at - mark) != '\n') {
      return null;
    }
    return Position.at(frames, at);
  }

  /// Tells of the positions of all events in `frames`, for writes that hold events of several
  /// topics.
  void positions(ByteBuf frames, Consumer<Position> told) {
    byte[] mark = hasId ? ID : COMMENT;
    int last = frames.writerIndex() - END.length - Position.LENGTH;
    for (int at = frames.readerIndex() + mark.length; at <= last; at++) {
      boolean ends = frames.getShort(at + Position.LENGTH) == LINE_ENDS;
      if (ends && frames.getByte(at - mark.length) == '\n' && frames.getByte(at - 1) == ' ') {
        var position = Position.at(frames, at);
        if (position != null) {
          told.accept(position);
        }
      }
    }
  }

  private int begin(ByteBuf out) {
    if (chunked) {
      out.writeZero(SIZE_DIGITS).writeBytes(CRLF);
    }
    return out.writerIndex();
  }

  private void end(ByteBuf out, int body) {
    if (!chunked) {
      return;
    }
    int size = out.writerIndex() - body;
    int at = body - CRLF.length;
    for (int i = 0; i < SIZE_DIGITS; i++) {
      out.setByte(--at, Character.forDigit(size & 0xF, 16));
      size >>>= 4;
    }
    out.writeBytes(CRLF);
  }

  /// What would end the line is a blank instead; the JSON has the type as it is.
  private static void writeType(String type, ByteBuf out) {
    boolean plain = true;
    for (int i = 0; i < type.length() && plain; i++) {
      plain = !endsLine(type.charAt(i)) && type.charAt(i) != 0;
    }
    out.writeCharSequence(
        plain ? type : type.replace('\r', ' ').replace('\n', ' ').replace('\0', ' '),
        StandardCharsets.UTF_8);
  }

  /// Returns where in the JSON its timestamp begins.
  private static int writeData(Message message, Stamp stamp, ByteBuf out) {
    if (lineEnds(message.payload()) == 0) {
      return WseEnvelope.writeJson(message, stamp, out);
    }
    // Between the tokens of JSON line ends are blanks, so that any of them may become LF.
    var json = new byte[WseEnvelope.jsonBytes(message)];
    int timestamp =
        WseEnvelope.writeJson(message, stamp, Unpooled.wrappedBuffer(json).writerIndex(0));
    for (int i = 0; i < json.length; i++) {
      if (json[i] == '\r' && i + 1 < json.length && json[i + 1] == '\n') {
        continue;
      }
      if (endsLine(json[i])) {
        out.writeBytes(DATA);
      } else {
        out.writeByte(json[i]);
      }
    }
    return timestamp;
  }

  private static int lineEnds(byte[] payload) {
    int ends = 0;
    for (byte one : payload) {
      if (endsLine(one)) {
        ends++;
      }
    }
    return ends;
  }

  private static boolean endsLine(int c) {
    return c == '\n' || c == '\r';
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
