package dev.millrace.app.embed;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.hub.Hub;
import dev.millrace.hub.Message;
import dev.millrace.hub.PublishOutcome;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The topics of an embedded server. Safe from any thread; publishing never waits and says at once
/// what became of it.
public final class EmbeddedHub {
  private final Hub hub;

  EmbeddedHub(Hub hub) {
    this.hub = hub;
  }

  /// Publishes one JSON value as an event whose type is the topic's name.
  public PublishOutcome publish(String topic, String json) {
    return publish(topic, topic, json);
  }

  /// Publishes one JSON value as an event of `type`. What is no JSON is refused with `E_PAYLOAD`.
  public PublishOutcome publish(String topic, String type, String json) {
    var payload = json.getBytes(StandardCharsets.UTF_8);
    var kind = Json.kindOf(payload);
    if (kind == null) {
      return new PublishOutcome.Refused(
          Problem.error(
              "E_PAYLOAD",
              Location.of("topic " + topic),
              "the payload is not one JSON value: " + Json.complaint(payload),
              "Publish an object, a list, a text in quotes, a number, true, false or null."));
    }
    return publish(
        topic,
        List.of(Message.of(type, payload, kind == Json.Kind.OBJECT, System.currentTimeMillis())));
  }

  /// Publishes messages, in order, all or none; their payloads have been checked by the caller.
  public PublishOutcome publish(String topic, List<Message> messages) {
    return hub.publish(topic, messages);
  }

  /// Runs `action` once, on a thread of the server's or at once, when there is room for messages to
  /// `topic` again; it must not wait. False if too many wait for that already.
  public boolean whenRoom(String topic, Runnable action) {
    return hub.whenRoom(topic, action);
  }
}
