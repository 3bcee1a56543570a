package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.gateway.wse.codec.EnvelopeReader;
import dev.millrace.gateway.wse.codec.Stamps;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.hub.HistoryEntry;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Reencoder;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Data frames of the dialect: binary WebSocket frames with a category and one JSON object, keys in
/// the order `t, id, ts, p, pri, cid, tp, e, o, v`; `pri` only when it is not normal, `cid` only
/// when there is one, and what else a publisher said before `tp`; `tp`, `e` and `o` ([Stamps]) in
/// the form whose clients can come back to a position. A payload that is not an object stands as
/// `{"data":value}`.
///
/// The frames are shared by all sessions and so carry nothing of a connection, above all no `seq`:
/// a reader that numbers what it receives never discards a frame without one.
public final class WseEnvelope implements WireForm {
  public static final WseEnvelope INSTANCE = new WseEnvelope(false);

  /// The same with stamps: the form in which messages are kept.
  public static final WseEnvelope STAMPED = new WseEnvelope(true);

  /// Bytes that stamps have at most: every byte of the longest name escaped.
  private static final int STAMPS = 48 + 2 * 4_096;

  private static final byte[] TYPE = ascii("{\"t\":");
  private static final byte[] ID = ascii(",\"id\":");
  private static final byte[] TIMESTAMP = ascii(",\"ts\":\"");
  private static final byte[] PAYLOAD = ascii("\",\"p\":");
  private static final byte[] DATA = ascii("{\"data\":");
  private static final byte[] PRIORITY = ascii(",\"pri\":");
  private static final byte[] CORRELATION = ascii(",\"cid\":");
  private static final byte[] VERSION = ascii(",\"v\":1}");
  private static final int UUID_LENGTH = 36;
  private static final short[] HEX = hexPairs();

  private final boolean stamped;

  private WseEnvelope(boolean stamped) {
    this.stamped = stamped;
  }

  @Override
  public String name() {
    return stamped ? "wse-stamped" : "wse";
  }

  /// Exact, but for stamps.
  @Override
  public int sizeLimit(Message message) {
    int body = bodyBytes(message) + (stamped ? STAMPS : 0);
    return Frames.headerBytes(body) + body;
  }

  /// Exact.
  @Override
  public int sizeLimit(Message message, Stamp stamp) {
    int body = bodyBytes(message) + stampBytes(stamp);
    return Frames.headerBytes(body) + body;
  }

  @Override
  public WireForm stamped() {
    return STAMPED;
  }

  @Override
  public boolean showsGaps() {
    return stamped;
  }

  @Override
  public WireForm readable() {
    return INSTANCE;
  }

  @Override
  public @Nullable Reencoder reencoderOf(WireForm other) {
    return other.readable().equals(INSTANCE) ? EnvelopeReader.reencoder(this) : null;
  }

  @Override
  public @Nullable HistoryEntry read(long offset, ByteBuf frame) {
    return EnvelopeReader.entry(offset, frame);
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    int start = out.writerIndex();
    Frames.writeHeader(out, false, bodyBytes(message) + stampBytes(stamp));
    category(message).write(out);
    int before = out.writerIndex() - start;
    return before + writeJson(message, stamp, stamped, out);
  }

  private int stampBytes(Stamp stamp) {
    return stamped ? Stamps.bytes(stamp) : 0;
  }

  /// A frame for one client alone.
  static ByteBuf frame(Message message) {
    var named =
        message.id() == null ? message.withId(Uuid7.text(message.timestampMillis())) : message;
    var out = PooledByteBufAllocator.DEFAULT.buffer(INSTANCE.sizeLimit(named));
    INSTANCE.encode(named, new Stamp(), out);
    return out;
  }

  /// The exact number of bytes that [#writeJson] writes.
  public static int jsonBytes(Message message) {
    return bodyBytes(message) - category(message).length();
  }

  /// Writes the JSON object alone, for dialects that frame it in their own way. Returns where in it
  /// the text of the timestamp begins.
  public static int writeJson(Message message, Stamp stamp, ByteBuf out) {
    return writeJson(message, stamp, false, out);
  }

  private static int writeJson(Message message, Stamp stamp, boolean stamped, ByteBuf out) {
    int start = out.writerIndex();
    out.writeBytes(TYPE);
    writeQuoted(out, message.type());
    out.writeBytes(ID);
    var id = message.id();
    if (id == null) {
      writeUuid(out, stamp.idHigh(), stamp.idLow());
    } else {
      writeQuoted(out, id);
    }
    out.writeBytes(TIMESTAMP);
    int timestampAt = out.writerIndex() - start;
    out.writeBytes(Timestamps.bytes(message.timestampMillis()));
    out.writeBytes(PAYLOAD);
    if (message.object()) {
      out.writeBytes(message.payload());
    } else {
      out.writeBytes(DATA).writeBytes(message.payload()).writeByte('}');
    }
    if (message.priority() != Priority.NORMAL) {
      out.writeBytes(PRIORITY);
      int level = message.priority().level();
      if (level >= 10) {
        out.writeByte('0' + level / 10);
      }
      out.writeByte('0' + level % 10);
    }
    var correlationId = message.correlationId();
    if (correlationId != null) {
      out.writeBytes(CORRELATION);
      writeQuoted(out, correlationId);
    }
    if (message.extras() != null) {
      out.writeBytes(message.extras().members());
    }
    if (stamped) {
      Stamps.write(stamp, out);
    }
    out.writeBytes(VERSION);
    return timestampAt;
  }

  private static int bodyBytes(Message message) {
    int bytes = category(message).length() + TYPE.length + ID.length + TIMESTAMP.length;
    bytes += quotedLength(message.type());
    bytes += quotedLengthOr(message.id(), UUID_LENGTH + 2);
    bytes += Timestamps.LENGTH + PAYLOAD.length + message.payload().length + VERSION.length;
    if (!message.object()) {
      bytes += DATA.length + 1;
    }
    if (message.priority() != Priority.NORMAL) {
      bytes += PRIORITY.length + (message.priority().level() >= 10 ? 2 : 1);
    }
    if (message.correlationId() != null) {
      bytes += CORRELATION.length + quotedLengthOr(message.correlationId(), 0);
    }
    return message.extras() == null ? bytes : bytes + message.extras().members().length;
  }

  /// The one its publisher chose, else its type's.
  private static Category category(Message message) {
    var extras = message.extras();
    var chosen = extras == null ? null : Category.named(extras.category());
    return chosen == null ? Category.of(message.type()) : chosen;
  }

  private static int quotedLengthOr(@Nullable String text, int otherwise) {
    return text == null ? otherwise : quotedLength(text);
  }

  private static int quotedLength(String text) {
    return isPlain(text) ? text.length() + 2 : Json.quoted(text).length;
  }

  private static void writeQuoted(ByteBuf out, String text) {
    if (isPlain(text)) {
      out.writeByte('"');
      out.writeCharSequence(text, StandardCharsets.US_ASCII);
      out.writeByte('"');
    } else {
      out.writeBytes(Json.quoted(text));
    }
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

  private static void writeUuid(ByteBuf out, long high, long low) {
    out.writeByte('"');
    writeHex(out, high >>> 32, 4);
    out.writeByte('-');
    writeHex(out, high >>> 16, 2);
    out.writeByte('-');
    writeHex(out, high, 2);
    out.writeByte('-');
    writeHex(out, low >>> 48, 2);
    out.writeByte('-');
    writeHex(out, low, 6);
    out.writeByte('"');
  }

  private static void writeHex(ByteBuf out, long bits, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      out.writeShort(HEX[(int) (bits >>> shift) & 0xFF]);
    }
  }

  private static short[] hexPairs() {
    var pairs = new short[256];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = (short) (Character.forDigit(i >>> 4, 16) << 8 | Character.forDigit(i & 0xF, 16));
    }
    return pairs;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
