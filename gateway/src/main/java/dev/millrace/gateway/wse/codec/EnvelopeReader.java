package dev.millrace.gateway.wse.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.core.json.Json;
import dev.millrace.hub.HistoryEntry;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Reencoder;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/// Reads back what data frames of the plain form say: complete WebSocket frames with a category and
/// one JSON object. Stateless.
///
/// A payload that was not an object stands as `{"data":value}` in the frame, and is read so.
public final class EnvelopeReader {
  private EnvelopeReader() {}

  /// The message of the frame of `length` bytes that begins at `start`.
  ///
  /// @throws IllegalStateException if it is no frame of the plain form
  public static Message message(ByteBuf buffer, int start, int length) {
    int header = length < 2 ? 2 : FrameContent.headerBytes(buffer, start);
    if (length < header) {
      throw new IllegalStateException("a frame has more than " + length + " bytes");
    }
    return message(ByteBufUtil.getBytes(buffer, start + header, length - header));
  }

  private static Message message(byte[] json) {
    int from = Category.objectStart(json, 0, json.length);
    if (from < 0) {
      throw new IllegalStateException("a frame of the plain form has one JSON object");
    }
    try {
      return message(json, from, Category.named(new String(json, 0, from, US_ASCII)));
    } catch (JacksonException broken) {
      throw new IllegalStateException("a frame of the plain form is JSON", broken);
    }
  }

  /// The same, for a topic's history; null for what is no frame of the plain form.
  public static @Nullable HistoryEntry entry(long offset, ByteBuf frame) {
    Message message;
    try {
      message = message(frame, frame.readerIndex(), frame.readableBytes());
    } catch (IllegalStateException unreadable) {
      return null; // history leaves it out, as it says
    }
    var id = message.id();
    return new HistoryEntry(
        offset, id == null ? "" : id, message.type(), message.payload(), message.timestampMillis());
  }

  /// Turns frames of the plain form or of those made of it, with stamps or without, into frames of
  /// `to`.
  public static Reencoder reencoder(WireForm to) {
    return (frame, out) -> {
      var message = message(FrameContent.INSTANCE.read(frame));
      var stamp = new Stamp().in(frame.topic()).set(frame.epoch(), frame.offset(), 0, 0);
      out.ensureWritable(to.sizeLimit(message, stamp));
      return to.encode(message, stamp, out);
    };
  }

  private static Message message(byte[] json, int start, @Nullable Category category) {
    try (var parser = Json.parser(json, start, json.length - start)) {
      parser.nextToken();
      long shift = start - parser.currentTokenLocation().getByteOffset();
      var type = "";
      @Nullable String id = null;
      @Nullable String correlationId = null;
      var priority = Priority.NORMAL;
      long millis = 0;
      int from = 0;
      int to = 0;
      var more = new ByteArrayOutputStream(0); // members of the publisher's own
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case "t" -> type = parser.getString();
          case "id" -> id = parser.getString();
          case "ts" -> millis = Moments.parse(parser.getString()).orElse(0);
          case "cid" -> correlationId = parser.getString();
          case "pri" -> priority = Priority.nearest(parser.getIntValue());
          case "p" -> {
            from = (int) (parser.currentTokenLocation().getByteOffset() + shift);
            parser.skipChildren();
            parser.finishToken();
            to = (int) (parser.currentLocation().getByteOffset() + shift);
          }
          case "tp", "e", "o", "v" -> parser.skipChildren();
          default -> {
            int valueAt = (int) (parser.currentTokenLocation().getByteOffset() + shift);
            parser.skipChildren();
            parser.finishToken();
            int valueEnd = (int) (parser.currentLocation().getByteOffset() + shift);
            more.write(',');
            more.writeBytes(Json.quoted(key));
            more.write(':');
            more.write(json, valueAt, valueEnd - valueAt);
          }
        }
      }
      var payload = Arrays.copyOfRange(json, from, to);
      var message = new Message(type, payload, true, priority, id, millis, correlationId);
      var own = category == null || category == Category.of(type) ? null : category.name();
      return own != null || more.size() > 0
          ? message.withExtras(new MessageExtras(own, more.toByteArray()))
          : message;
    }
  }
}
