package dev.millrace.gateway.wse.event;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.gateway.wse.codec.Moments;
import dev.millrace.hub.Priority;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes an envelope of whatever object a program published:
///
/// - An object with `t` and `p` is an envelope already: what it has stays, byte for byte where
///   nothing is read from it, and what it lacks the hub adds. Only `seq` and `v` are the server's.
/// - Any other is an event. Its type is its `event_type`, else `type`, as the mappings say or else
///   in lower case; its id, time, priority and correlation come from `_metadata`, else from the
///   object; its payload is `payload` if that is an object, else the whole without `_metadata`.
///
/// Safe from any thread.
public final class EventTransform {
  /// What became of the bytes.
  public sealed interface Outcome {
    record Transformed(Envelope envelope) implements Outcome {}

    /// They are not one JSON object; the sentence quotes nothing of them.
    record Unreadable(String why) implements Outcome {}
  }

  private static final String UNKNOWN = "unknown";
  private static final String CATEGORY = "_msg_cat";
  private static final String METADATA = "_metadata";
  private static final Set<String> OF_ENVELOPE =
      Set.of("t", "p", "id", "ts", "pri", "cid", "v", "seq", CATEGORY);
  private static final Set<String> NOT_OF_PAYLOAD = Set.of(METADATA, CATEGORY);
  private static final byte[] NOTHING = {};

  /// Numbers below this are seconds since the epoch, others milliseconds.
  private static final double FIRST_MILLIS = 1e11;

  private static final double LAST_MILLIS = 253_402_300_799_999.0; // the end of the year 9999

  private final Map<String, String> mappings;

  /// `mappings` are types of envelopes by types of events.
  public EventTransform(Map<String, String> mappings) {
    this.mappings = Map.copyOf(mappings);
  }

  /// The envelope of the object in `json`, which may have a category in front; `nowMillis` is the
  /// time of one that names none.
  public Outcome transform(byte[] json, long nowMillis) {
    int start = Category.objectStart(json, 0, json.length);
    if (start < 0 || !Json.isUtf8(json)) {
      return new Outcome.Unreadable("what was published is not a JSON object");
    }
    var members = Members.read(json, start);
    if (members == null) {
      return new Outcome.Unreadable("what was published is not a JSON object, or not only one");
    }
    var category = Category.named(members.text(CATEGORY, ""));
    if (category == null && start > 0) {
      category = Category.named(new String(json, 0, start, StandardCharsets.US_ASCII));
    }
    boolean envelope = members.isText("t") && members.has("p");
    return new Outcome.Transformed(
        envelope
            ? forwarded(members, category, nowMillis)
            : transformed(members, category, nowMillis));
  }

  private static Envelope forwarded(Members members, @Nullable Category category, long nowMillis) {
    return new Envelope(
        members.text("t", UNKNOWN),
        members.bytes("p"),
        members.isObject("p"),
        priority(members.value("pri")),
        members.textOrNull("id"),
        moment(members.value("ts")).orElse(nowMillis),
        members.textOrNull("cid"),
        category,
        members.without(OF_ENVELOPE, false));
  }

  private Envelope transformed(Members members, @Nullable Category category, long nowMillis) {
    var metadata = metadata(members);
    var name = members.text("event_type", members.text("type", UNKNOWN));
    var mapped = mappings.get(name);
    var type = mapped == null ? name.toLowerCase(Locale.ROOT) : mapped;
    var moment = moment(either(metadata, "timestamp", members, "timestamp"));
    boolean ownPayload = members.isObject("payload");
    return new Envelope(
        type,
        ownPayload ? members.bytes("payload") : members.without(NOT_OF_PAYLOAD, true),
        true,
        priority(either(metadata, "priority", members, "pri")),
        textOrNull(either(metadata, "event_id", members, "event_id")),
        moment.orElse(nowMillis),
        textOrNull(either(metadata, "correlation_id", members, "correlation_id")),
        category,
        extras(members, metadata, moment, mapped == null ? null : name, nowMillis));
  }

  /// What publishers and buses say about an event: `_metadata`, or `metadata` where it is the bus
  /// that has added it.
  private static JsonNode metadata(Members members) {
    var own = members.value(METADATA);
    if (own.isObject()) {
      return own;
    }
    var added = members.value("metadata");
    return added.has("event_id") && added.has("published_at") ? added : own;
  }

  private static byte[] extras(
      Members members,
      JsonNode metadata,
      OptionalLong moment,
      @Nullable String mappedName,
      long nowMillis) {
    var extras = new ByteArrayOutputStream();
    var version = either(metadata, "version", members, "version");
    if (version.isIntegralNumber()) {
      extras.writeBytes(member("event_version", Json.bytes(version)));
    }
    var trace = textOrNull(either(metadata, "trace_id", members, "trace_id"));
    if (trace != null) {
      extras.writeBytes(member("trace_id", Json.quoted(trace)));
    }
    if (moment.isPresent()) {
      long latency = Math.max(0, nowMillis - moment.getAsLong());
      var digits = Long.toString(latency).getBytes(StandardCharsets.US_ASCII);
      extras.writeBytes(member("latency_ms", digits));
    }
    if (mappedName != null) {
      extras.writeBytes(member("original_event_type", Json.quoted(mappedName)));
    }
    return extras.size() == 0 ? NOTHING : extras.toByteArray();
  }

  private static byte[] member(String name, byte[] value) {
    var out = new ByteArrayOutputStream();
    out.writeBytes((",\"" + name + "\":").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static JsonNode either(
      JsonNode metadata, String inMetadata, Members members, String otherwise) {
    var value = metadata.path(inMetadata);
    return value.isMissingNode() || value.isNull() ? members.value(otherwise) : value;
  }

  private static @Nullable String textOrNull(JsonNode value) {
    return value.isString() && !value.stringValue().isEmpty() ? value.stringValue() : null;
  }

  private static Priority priority(JsonNode value) {
    if (value.isIntegralNumber()) {
      long level = value.canConvertToLong() ? value.longValue() : Long.MAX_VALUE;
      return Priority.nearest((int) Math.clamp(level, -100L, 100L));
    }
    return value.isString()
        ? Priority.named(value.stringValue()).orElse(Priority.NORMAL)
        : Priority.NORMAL;
  }

  private static OptionalLong moment(JsonNode value) {
    if (value.isString()) {
      return Moments.parse(value.stringValue());
    }
    if (!value.isNumber()) {
      return OptionalLong.empty();
    }
    double number = value.doubleValue();
    double millis = number < FIRST_MILLIS ? Math.rint(number * 1_000) : number;
    return millis >= 0 && millis <= LAST_MILLIS
        ? OptionalLong.of((long) millis)
        : OptionalLong.empty();
  }
}
