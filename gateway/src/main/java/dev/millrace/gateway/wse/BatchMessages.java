package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// `batch` and `batch_message`: several messages in one, each handled as if it had come alone.
final class BatchMessages {
  /// The largest batch that clients may be configured to; each of its answers needs room.
  private static final int MOST_MESSAGES = 100;

  private BatchMessages() {}

  static void batch(WseSession session, Inbound.Request request) {
    session.context().counters.batches.inc();
    var messages = request.payload().path("messages");
    if (!messages.isArray()) {
      session.error(request, "INVALID_MESSAGE", "A batch has messages, an array of envelopes");
      return;
    }
    var payload = SystemFrames.object();
    var results = SystemFrames.object().putArray("results");
    int successful = 0;
    for (int i = 0; i < messages.size() && session.isOpen(); i++) {
      var error = i < MOST_MESSAGES ? handle(session, messages.get(i)) : tooMany();
      successful += error == null ? 1 : 0;
      var result = results.addObject().put("index", i).put("success", error == null);
      if (error != null) {
        result.put("error", error);
      }
    }
    payload
        .put("total", messages.size())
        .put("successful", successful)
        .put("failed", messages.size() - successful);
    payload.set("results", results);
    session.answer(request, "batch_message_result", payload);
  }

  /// Returns why it failed, or null.
  private static @Nullable String handle(WseSession session, JsonNode message) {
    if (!message.isObject()) {
      return "A message is an object";
    }
    if (!session.takeToken()) {
      return "Rate limit exceeded";
    }
    return switch (InboundDecoder.decode(Json.bytes(message))) {
      case Inbound.Request request when MessageTable.isBatch(request.type()) ->
          "Nested batches not allowed";
      case Inbound.Request request -> session.intake().handle(request);
      case Inbound.Malformed(var why) -> why;
      case Inbound.ShortPing _, Inbound.ShortPong _ -> "A message is an object";
    };
  }

  private static String tooMany() {
    return "At most " + MOST_MESSAGES + " messages in one batch";
  }
}
