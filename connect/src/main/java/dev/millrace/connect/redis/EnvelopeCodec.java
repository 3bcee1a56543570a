package dev.millrace.connect.redis;

import dev.millrace.core.json.Json;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The client's JSON envelope as the bus carries it: one object with `t, id, ts, p, pri, cid`, the
/// publisher's own members, `_msg_cat` if the publisher chose a category, and `v`. On receipt a
/// category may also stand in front; an object with `t` and `p` is an envelope, what it lacks is
/// filled in and further members stay; any other JSON value goes to [RawEvents].
public final class EnvelopeCodec implements BusCodec {
  private static final byte[] TYPE = ascii("{\"t\":");
  private static final byte[] ID = ascii(",\"id\":");
  private static final byte[] TIMESTAMP = ascii(",\"ts\":\"");
  private static final byte[] PAYLOAD = ascii("\",\"p\":");
  private static final byte[] DATA = ascii("{\"data\":");
  private static final byte[] PRIORITY = ascii(",\"pri\":");
  private static final byte[] CORRELATION = ascii(",\"cid\":");
  private static final byte[] CHOSEN = ascii(",\"_msg_cat\":");
  private static final byte[] VERSION = ascii(",\"v\":1}");
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /// Letters that may stand in front of the object, such as `WSE`.
  private static final int LONGEST_CATEGORY = 4;

  private static final Set<String> CATEGORIES = Set.of("WSE", "S", "U");

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
    var extras = message.extras();
    if (extras != null) {
      out.writeBytes(extras.members());
      if (extras.category() != null) {
        out.writeBytes(CHOSEN);
        out.writeBytes(Json.quoted(extras.category()));
      }
    }
    out.writeBytes(VERSION);
    return out.toByteArray();
  }

  @Override
  public @Nullable Message decode(String topic, byte[] payload, long nowMillis) {
    int letters = categoryLetters(payload);
    var json = letters == 0 ? payload : Arrays.copyOfRange(payload, letters, payload.length);
    if (!Json.isUtf8(json)) {
      return null;
    }
    try (var parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        var kind = Json.kindOf(json);
        return kind == null ? null : raw.message(topic, json, false, nowMillis);
      }
      var inFront = new String(payload, 0, letters, StandardCharsets.US_ASCII);
      var fields = new Fields(nowMillis, category(inFront));
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

  /// Letters that stand in front of an object.
  private static int categoryLetters(byte[] payload) {
    int letters = 0;
    while (letters < payload.length && payload[letters] >= 'A' && payload[letters] <= 'Z') {
      letters++;
    }
    boolean category =
        letters <= LONGEST_CATEGORY && letters < payload.length && payload[letters] == '{';
    return category ? letters : 0;
  }

  private static @Nullable String category(@Nullable String name) {
    return name != null && CATEGORIES.contains(name) ? name : null;
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
    private @Nullable String category;
    private @Nullable ByteArrayOutputStream more; // members of the publisher's own

    Fields(long nowMillis, @Nullable String category) {
      this.timestampMillis = nowMillis;
      this.category = category;
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
            payload = Arrays.copyOfRange(json, from, end(parser));
          }
          case "pri" -> {
            if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
              priority = Priority.nearest(parser.getValueAsInt());
            }
          }
          case "_msg_cat" -> {
            var chosen = category(text(parser));
            category = chosen == null ? category : chosen;
          }
          // Every instance gives these anew.
          case "v", "seq", "sig", "tp", "e", "o" -> end(parser);
          default -> keep(key, parser, json);
        }
      }
    }

    private void keep(String key, JsonParser parser, byte[] json) {
      int from = (int) parser.currentTokenLocation().getByteOffset();
      int to = end(parser);
      more = more == null ? new ByteArrayOutputStream() : more;
      more.write(',');
      more.writeBytes(Json.quoted(key));
      more.write(':');
      more.write(json, from, to - from);
    }

    /// Where the value that the parser stands on ends; what is never read is still checked.
    private static int end(JsonParser parser) {
      parser.skipChildren();
      parser.finishToken();
      return (int) parser.currentLocation().getByteOffset();
    }

    @Nullable Message message() {
      if (type == null || type.isEmpty() || payload == null) {
        return null;
      }
      var message =
          new Message(type, payload, object, priority, id, timestampMillis, correlationId);
      return more == null
          ? message.withExtras(MessageExtras.ofCategory(category))
          : message.withExtras(new MessageExtras(category, more.toByteArray()));
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
