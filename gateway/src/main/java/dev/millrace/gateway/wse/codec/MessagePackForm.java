package dev.millrace.gateway.wse.codec;

import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/// Data frames as MessagePack: binary WebSocket frames of `M:` and one map with the keys of the
/// plain form, `t, id, ts, p, pri, cid, v`, and no category. A message that packs to more than
/// clients take, which only lists of fractions do, goes out in the plain form, which they also
/// read.
///
/// Shared by all sessions of the form; packed once per message.
public final class MessagePackForm extends DerivedForm {
  private static final int MARK = 2; // the letter and the colon
  private static final int KEYS = 64; // bytes of everything but texts and payload
  private static final int UUID_LENGTH = 36;
  private static final int STAMPS = 48; // bytes of them besides the topic's name

  private final int maxMessage;

  /// `plain` is what takes over where a packed message would be longer than `maxMessage` bytes.
  public MessagePackForm(WireForm plain, int maxMessage) {
    super(plain, stamped -> new MessagePackForm(stamped, maxMessage));
    this.maxMessage = maxMessage;
  }

  @Override
  public String name() {
    return showsGaps() ? "msgpack-stamped" : "msgpack";
  }

  @Override
  public int sizeLimit(Message message, Stamp stamp) {
    int stamps = showsGaps() ? 3 * stamp.topic().length() + STAMPS : 0;
    int packed = Math.min(maxMessage, packedAtMost(message) + stamps);
    return Math.max(Frames.headerBytes(packed) + packed, plain.sizeLimit(message, stamp));
  }

  @Override
  public int sizeLimit(Message message) {
    int packed = Math.min(maxMessage, packedAtMost(message));
    return Math.max(Frames.headerBytes(packed) + packed, plain.sizeLimit(message));
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    var extras = message.extras();
    if (extras != null && extras.members().length > 0) {
      return encodeFromPlain(message, stamp, out);
    }
    try (var packer = packer(message.payload().length)) {
      boolean priority = message.priority() != Priority.NORMAL;
      var correlationId = message.correlationId();
      int more = (priority ? 1 : 0) + (correlationId == null ? 0 : 1) + (showsGaps() ? 3 : 0);
      packer.packMapHeader(5 + more);
      text(packer, "t", message.type());
      var id = message.id();
      text(packer, "id", id == null ? new UUID(stamp.idHigh(), stamp.idLow()).toString() : id);
      packer.packString("ts");
      packer.packRawStringHeader(Timestamps.LENGTH);
      int timestampAt = MARK + Math.toIntExact(packer.getTotalWrittenBytes());
      packer.addPayload(Timestamps.bytes(message.timestampMillis()));
      packer.packString("p");
      if (!message.object()) {
        packer.packMapHeader(1);
        packer.packString("data");
      }
      MessagePackWriter.pack(message.payload(), 0, message.payload().length, packer);
      if (priority) {
        packer.packString("pri");
        packer.packInt(message.priority().level());
      }
      if (correlationId != null) {
        text(packer, "cid", correlationId);
      }
      if (showsGaps()) {
        text(packer, "tp", stamp.topic());
        text(packer, "e", Stamps.epoch(stamp.epoch()));
        packer.packString("o");
        packer.packLong(stamp.offset());
      }
      packer.packString("v");
      packer.packInt(1);
      if (MARK + packer.getTotalWrittenBytes() > maxMessage) {
        return plain.encode(message, stamp, out);
      }
      return timestampAt + append(packer, out);
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory is written to", impossible);
    }
  }

  /// With members whose names only the JSON knows.
  private int encodeFromPlain(Message message, Stamp stamp, ByteBuf out) {
    var json = PooledByteBufAllocator.DEFAULT.buffer(plain.sizeLimit(message, stamp));
    try {
      int timestampAt = plain.encode(message, stamp, json);
      return repack(json, out, maxMessage) ? -1 : timestampAt;
    } finally {
      json.release();
    }
  }

  /// Appends a plain frame packed and returns true, or as it is if it would be too long.
  private static boolean repack(ByteBuf frame, ByteBuf out, int most) {
    int header = FrameContent.headerBytes(frame, frame.readerIndex());
    int start = out.writerIndex();
    appendFrame(frame.slice(frame.readerIndex() + header, frame.readableBytes() - header), out);
    if (out.writerIndex() - start <= most) {
      return true;
    }
    out.writerIndex(start).writeBytes(frame, frame.readerIndex(), frame.readableBytes());
    return false;
  }

  /// Appends one binary WebSocket frame with what is readable in `envelope`, a category or none and
  /// JSON that this server made, packed; for frames that are made for one session alone.
  public static void appendFrame(ByteBuf envelope, ByteBuf out) {
    var json = new byte[envelope.readableBytes()];
    envelope.getBytes(envelope.readerIndex(), json);
    int from = Category.objectStart(json, 0, json.length);
    if (from < 0) {
      throw new IllegalArgumentException("an envelope begins with a category or a brace");
    }
    try (var packer = packer(json.length)) {
      MessagePackWriter.pack(json, from, json.length - from, packer);
      append(packer, out);
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory is written to", impossible);
    }
  }

  /// Appends the frame and returns the bytes of its header.
  private static int append(MessageBufferPacker packer, ByteBuf out) throws IOException {
    var packed = packer.toMessageBuffer();
    int payload = MARK + packed.size();
    Frames.writeHeader(out, false, payload);
    out.writeByte('M').writeByte(':');
    out.writeBytes(packed.sliceAsByteBuffer());
    return Frames.headerBytes(payload);
  }

  private static int packedAtMost(Message message) {
    var id = message.id();
    var correlationId = message.correlationId();
    int texts = message.type().length() + (id == null ? UUID_LENGTH : id.length());
    texts += Timestamps.LENGTH + (correlationId == null ? 0 : correlationId.length());
    // Three bytes of UTF-8 are the most that one character of a text becomes.
    var extras = message.extras();
    int members = extras == null ? 0 : extras.members().length;
    return KEYS + 3 * texts + MessagePackWriter.packedAtMost(message.payload().length + members);
  }

  /// A packer for a payload of so many bytes, whose first buffer takes all except where lists of
  /// fractions grow, so that nothing is joined in the end.
  private static MessageBufferPacker packer(int payloadBytes) {
    return new MessagePack.PackerConfig().withBufferSize(payloadBytes + 256).newBufferPacker();
  }

  private static void text(MessageBufferPacker packer, String key, String text) throws IOException {
    packer.packString(key);
    MessagePackWriter.packText(text, packer);
  }
}
