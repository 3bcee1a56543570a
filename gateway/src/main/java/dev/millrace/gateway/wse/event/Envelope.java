package dev.millrace.gateway.wse.event;

import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import org.jspecify.annotations.Nullable;

/// A published object as it goes out. `payload` is one JSON value, `object` says whether it is an
/// object; `id` is null where the hub shall make one; `category` is null unless the publisher chose
/// one against its type's. `extras` are further members, each with a comma in front, as in
/// `,"event_version":2,"trace_id":"x"`, or nothing.
public record Envelope(
    String type,
    byte[] payload,
    boolean object,
    Priority priority,
    @Nullable String id,
    long timestampMillis,
    @Nullable String correlationId,
    @Nullable Category category,
    byte[] extras) {

  public Message message() {
    var message = new Message(type, payload, object, priority, id, timestampMillis, correlationId);
    return category == null && extras.length == 0
        ? message
        : message.withExtras(new MessageExtras(category == null ? null : category.name(), extras));
  }
}
