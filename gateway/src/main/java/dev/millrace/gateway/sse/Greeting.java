package dev.millrace.gateway.sse;

import dev.millrace.core.json.Json;
import dev.millrace.hub.SubscribeOutcome;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// The first event of a connection: `subscription_update`, which says what became of each topic
/// and, of topics that the client came back to, whether it missed anything.
final class Greeting {
  private final ObjectNode data = Json.mapper().createObjectNode().put("action", "subscribe");
  private final ObjectNode recovery = Json.mapper().createObjectNode();
  private boolean missed;

  Greeting(List<SubscribeOutcome> outcomes) {
    var topics = data.putArray("topics");
    var failed = data.putArray("failed_topics");
    for (var outcome : outcomes) {
      switch (outcome) {
        case SubscribeOutcome.Subscribed(var topic) -> topics.add(topic);
        case SubscribeOutcome.AlreadySubscribed(var topic) -> topics.add(topic);
        case SubscribeOutcome.Resumed resumed -> topics.add(resumed.topic());
        case SubscribeOutcome.Refused(var topic, var why) ->
            failed.addObject().put("topic", topic).put("error", why);
      }
    }
    data.put("success", topics.size() > 0);
  }

  /// The client came back to `topic`, which goes on from `now`.
  void resumed(String topic, Position now, boolean recovered) {
    recovery
        .putObject(topic)
        .put("epoch", now.epochText())
        .put("offset", now.offset())
        .put("recovered", recovered);
    missed |= !recovered;
  }

  /// All lines of the event. `id` may be empty.
  String lines(long retryMillis, String id) {
    var lines = new StringBuilder(256);
    if (missed) {
      lines.append(": what came since is not kept; this begins at the end\n");
    }
    lines.append("retry: ").append(retryMillis).append('\n');
    if (!id.isEmpty()) {
      lines.append("id: ").append(id).append('\n');
    }
    if (!recovery.isEmpty()) {
      data.set("recovery", recovery);
    }
    return lines
        .append("event: subscription_update\ndata: ")
        .append(data)
        .append("\n\n")
        .toString();
  }
}
