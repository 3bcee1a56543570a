package dev.millrace.gateway.wse;

import dev.millrace.hub.Position;
import dev.millrace.hub.Wanted;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a subscription asks for besides its topics: `filters` is the JSON text of one criterion,
/// `queue` the name of a queue group, `recovery` the positions to go on from (with `recover`),
/// `presence` the JSON text of what others may see of the subscriber, `conflateMillis` the least
/// time between two messages of one key, 0 for all of them.
record SubscribeOptions(
    @Nullable String filters,
    @Nullable String queue,
    boolean recover,
    Map<String, Position> recovery,
    @Nullable String presence,
    int conflateMillis) {
  /// Whole topics from their ends on.
  static final SubscribeOptions PLAIN = new SubscribeOptions(null, null, false, Map.of(), null, 0);

  private static final int LONGEST_QUEUE = 256;
  private static final int LONGEST_PRESENCE = 4_096;
  private static final int LONGEST_FILTERS = 64 << 10;
  private static final int MOST_POSITIONS = 10_000;
  private static final int LONGEST_CONFLATION = Wanted.MAX_CONFLATE_MILLIS;

  SubscribeOptions {
    recovery = Map.copyOf(recovery);
  }

  /// What was asked for, or a sentence why it cannot be.
  sealed interface Reading {
    record Read(SubscribeOptions options) implements Reading {}

    record Wrong(String why) implements Reading {}
  }

  /// The same for another connection, which begins where the topic ends.
  SubscribeOptions withoutRecovery() {
    var rest = new SubscribeOptions(filters, queue, false, Map.of(), presence, conflateMillis);
    return rest.equals(PLAIN) ? PLAIN : rest;
  }

  /// The same for a user who says something else of itself.
  SubscribeOptions withPresence(@Nullable String other) {
    return new SubscribeOptions(filters, queue, recover, recovery, other, conflateMillis);
  }

  /// Characters it holds, for whoever bounds what is kept.
  int length() {
    return (filters == null ? 0 : filters.length())
        + (queue == null ? 0 : queue.length())
        + (presence == null ? 0 : presence.length());
  }

  /// Reads the keys of a subscription's payload.
  static Reading read(ObjectNode payload) {
    var filters = present(payload, "filters");
    if (filters != null && (!filters.isObject() || filters.toString().length() > LONGEST_FILTERS)) {
      return wrong("filters is an object of at most " + LONGEST_FILTERS + " characters");
    }
    var queue = present(payload, "queue");
    if (queue != null && !isName(queue)) {
      return wrong("queue is the name of a queue group, of at most 256 characters");
    }
    var recover = present(payload, "recover");
    if (recover != null && !recover.isBoolean()) {
      return wrong("recover is true or false");
    }
    var positions = new HashMap<String, Position>();
    var recovery = present(payload, "recovery");
    if (recovery != null && !readPositions(recovery, positions)) {
      return wrong("recovery maps topics to {\"epoch\":\"8 hex digits\",\"offset\":number}");
    }
    var conflate = present(payload, "conflate_ms");
    if (conflate != null && !isPeriod(conflate)) {
      return wrong("conflate_ms is a whole number of milliseconds from 0 to " + LONGEST_CONFLATION);
    }
    var presence = present(payload, "presence");
    if (presence != null && !presence.isBoolean() && !presence.isObject()) {
      return wrong("presence is true, or an object that others may see");
    }
    var shown = presence == null ? null : shownToOthers(presence, payload);
    if (shown != null && shown.length() > LONGEST_PRESENCE) {
      return wrong("presence has at most " + LONGEST_PRESENCE + " characters");
    }
    boolean plain = filters == null && queue == null && recover == null && recovery == null;
    if (plain && conflate == null && shown == null) {
      return new Reading.Read(PLAIN);
    }
    return new Reading.Read(
        new SubscribeOptions(
            filters == null ? null : filters.toString(),
            queue == null ? null : queue.asString(),
            recover != null && recover.asBoolean(),
            positions,
            shown,
            conflate == null ? 0 : conflate.asInt()));
  }

  private static Reading wrong(String why) {
    return new Reading.Wrong(why);
  }

  private static @Nullable JsonNode present(ObjectNode payload, String key) {
    var value = payload.get(key);
    return value == null || value.isNull() ? null : value;
  }

  private static boolean isName(JsonNode value) {
    return value.isString()
        && !value.asString().isBlank()
        && value.asString().length() <= LONGEST_QUEUE;
  }

  private static boolean isPeriod(JsonNode value) {
    return value.isIntegralNumber()
        && value.canConvertToInt()
        && value.asInt() >= 0
        && value.asInt() <= LONGEST_CONFLATION;
  }

  /// `true` shows an empty object, or what `presence_data` has; an object shows itself.
  private static @Nullable String shownToOthers(JsonNode presence, ObjectNode payload) {
    if (presence.isObject()) {
      return presence.toString();
    }
    if (!presence.asBoolean()) {
      return null;
    }
    var data = present(payload, "presence_data");
    return data != null && data.isObject() ? data.toString() : "{}";
  }

  private static boolean readPositions(JsonNode recovery, Map<String, Position> positions) {
    if (!recovery.isObject() || recovery.size() > MOST_POSITIONS) {
      return false;
    }
    for (var entry : recovery.properties()) {
      var epoch = entry.getValue().path("epoch");
      var offset = entry.getValue().path("offset");
      if (!epoch.isString() || !offset.isIntegralNumber() || !offset.canConvertToLong()) {
        return false;
      }
      var hex = epoch.asString();
      if (hex.length() != 8 || !hex.chars().allMatch(HexFormat::isHexDigit)) {
        return false;
      }
      positions.put(entry.getKey(), new Position(HexFormat.fromHexDigits(hex), offset.asLong()));
    }
    return true;
  }
}
