package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;

/// `priority_message`: something the user's own subscribers are to get with a priority.
final class PriorityMessages {
  private static final String TYPE = "priority_message";

  private PriorityMessages() {}

  /// Publishes on `priority:<user_id>:messages`. Besides what was said the payload has the inner
  /// envelope, in the two shapes that clients look for.
  static void publish(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var payload = request.payload();
    int asked = request.priority() != 0 ? request.priority() : payload.path("priority").asInt(5);
    var priority = Priority.nearest(Math.clamp(asked, -100, 100));
    var content = payload.has("content") ? payload.get("content") : payload;
    var frames = session.context().frames;
    var event = SystemFrames.object();
    event.set("content", content.deepCopy());
    event.put("priority", priority.level());
    event.set("ttl", payload.path("ttl").isNumber() ? payload.get("ttl") : null);
    event.put("user_id", session.userId());
    event.put("conn_id", session.connectionId());
    event.put("timestamp", frames.nowText());
    event.put("correlation_id", request.correlationId());
    event.put("type", "priority_content");
    var inner = event.putObject("message").put("t", "priority_content");
    inner.set("p", content.isObject() ? content.deepCopy() : wrapped(content));
    inner.put("v", 1);
    session
        .publisher()
        .publish(
            "priority:" + session.userId() + ":messages",
            Message.of(TYPE, Json.bytes(event), true, frames.now()).withPriority(priority));
  }

  private static tools.jackson.databind.JsonNode wrapped(tools.jackson.databind.JsonNode value) {
    var object = SystemFrames.object();
    object.set("data", value.deepCopy());
    return object;
  }
}
