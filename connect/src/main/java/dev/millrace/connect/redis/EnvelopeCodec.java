package dev.millrace.connect.redis;

import dev.millrace.core.json.Json;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The client's JSON envelope as the bus carries it: one object with `t, id, ts, p, pri, cid, v`,
/// without a category in front. On receipt a category is passed over; an object with `t` and `p`
/// is an envelope, and what it lacks is filled in; any other JSON value goes to [RawEvents].
public final class EnvelopeCodec implements BusCodec {
  private static final byte[] TYPE = ascii("{\"t\":");
  private static final byte[] ID = ascii(",\"id\":");
  private static final byte[] TIMESTAMP = ascii(",\"ts\":\"");
  private static final byte[] PAYLOAD = ascii("\",\"p\":");
  private static final byte[] DATA = ascii("{\"data\":");
  private static final byte[] PRIORITY = ascii(",\"pri\":");
  private static final byte[] CORRELATION = ascii(",\"cid\":");
  private static final byte[] VERSION = ascii(",\"v\":1}");
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /// Letters that may stand in front of the object, such as `WSE`.
  private static final int LONGEST_CATEGORY = 4;

  private final RawEvents raw;

  public EnvelopeCodec(RawEvents raw) {
    this.raw = raw;
  }

  @Override
  public byte[] encode(String topic, Message message) {
    var out = new ByteArrayOutputStream(message.payload().length + 192);
    out.writeBytes(TYPE);
    out.writeBytes(Json.quoted(message.type()));
    if (message.id() != null) {
      out.writeBytes(ID);
      out.writeBytes(Json.quoted(message.id()));
    }
    out.writeBytes(TIMESTAMP);
    out.writeBytes(ascii(MILLIS.format(Instant.ofEpochMilli(message.timestampMillis()))));
    out.writeBytes(PAYLOAD);
    if (message.object()) {
      out.writeBytes(message.payload());
    } else {
      out.writeBytes(DATA);
      out.writeBytes(message.payload());
      out.write('}');
    }
    if (message.priority() != Priority.NORMAL) {
      out.writeBytes(PRIORITY);
      out.writeBytes(ascii(Integer.toString(message.priority().level())));
    }
    if (message.correlationId() != null) {
      out.writeBytes(CORRELATION);
      out.writeBytes(Json.quoted(message.correlationId()));
    }
    out.writeBytes(VERSION);
    return out.toByteArray();
  }

  @Override
  public @Nullable Message decode(String topic, byte[] payload, long nowMillis) {
    var json = withoutCategory(payload);
    if (!Json.isUtf8(json)) {
      return null;
    }
    try (var parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        var kind = Json.kindOf(json);
        return kind == null ? null : raw.message(topic, json, false, nowMillis);
      }
      var fields = new Fields(nowMillis);
      fields.read(parser, json);
      if (parser.nextToken() != null) {
        return null; // something follows
      }
      var envelope = fields.message();
      return envelope != null ? envelope : raw.message(topic, json, true, nowMillis);
    } catch (JacksonException broken) {
      return null;
    }
  }

  private static byte[] withoutCategory(byte[] payload) {
    int letters = 0;
    while (letters < payload.length && payload[letters] >= 'A' && payload[letters] <= 'Z') {
      letters++;
    }
    boolean category =
        letters > 0
            && letters <= LONGEST_CATEGORY
            && letters < payload.length
            && payload[letters] == '{';
    return category ? Arrays.copyOfRange(payload, letters, payload.length) : payload;
  }

  /// What an envelope says; a field of the wrong kind counts as left out.
  private static final class Fields {
    private @Nullable String type;
    private byte @Nullable [] payload;
    private boolean object;
    private @Nullable String id;
    private @Nullable String correlationId;
    private Priority priority = Priority.NORMAL;
    private long timestampMillis;

    Fields(long nowMillis) {
      timestampMillis = nowMillis;
    }

    void read(JsonParser parser, byte[] json) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        var key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case "t" -> type = text(parser);
          case "id" -> id = text(parser);
          case "cid" -> correlationId = text(parser);
          case "ts" -> timestampMillis = timestamp(parser, timestampMillis);
          case "p" -> {
            object = parser.hasToken(JsonToken.START_OBJECT);
            int from = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            parser.finishToken();
            payload =
                Arrays.copyOfRange(json, from, (int) parser.currentLocation().getByteOffset());
          }
          case "pri" -> {
            if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
              priority = Priority.nearest(parser.getValueAsInt());
            }
          }
          default -> {
            parser.skipChildren();
            parser.finishToken(); // what is never read is still checked
          }
        }
      }
    }

    @Nullable Message message() {
      return type == null || type.isEmpty() || payload == null
          ? null
          : new Message(type, payload, object, priority, id, timestampMillis, correlationId);
    }

    private static @Nullable String text(JsonParser parser) {
      if (parser.hasToken(JsonToken.VALUE_STRING) || parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
        return parser.getString();
      }
      parser.skipChildren();
      return null;
    }

    private static long timestamp(JsonParser parser, long otherwise) {
      if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
        return parser.getValueAsLong(otherwise);
      }
      var text = text(parser);
      if (text == null) {
        return otherwise;
      }
      try {
        return OffsetDateTime.parse(text).toInstant().toEpochMilli();
      } catch (DateTimeException | ArithmeticException wrong) {
        return otherwise;
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
