package dev.millrace.gateway.wse;

import dev.millrace.hub.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// Publishes on a gateway's topics, and words for what its clients ask.
final class Publications {
  private Publications() {}

  static void publish(TestGateway gateway, String topic, String... payloads) {
    for (var payload : payloads) {
      var bytes = payload.getBytes(StandardCharsets.UTF_8);
      var message = Message.of("news", bytes, true, gateway.clock.epochMillis());
      gateway.hub.publish(topic, List.of(message));
    }
  }

  /// `{"n":from}` to `{"n":to}`.
  static void publish(TestGateway gateway, String topic, int from, int to) {
    IntStream.rangeClosed(from, to).forEach(n -> publish(gateway, topic, "{\"n\":" + n + "}"));
  }

  static String subscribe(String topic, String more) {
    return "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\""
        + topic
        + "\"]"
        + more
        + "}}";
  }

  static String unsubscribe(String topic) {
    return subscribe(topic, "").replace("\"subscribe\"", "\"unsubscribe\"");
  }

  static String comeBack(String topic, String epoch, long offset) {
    return subscribe(
        topic,
        ",\"recover\":true,\"recovery\":{\""
            + topic
            + "\":{\"epoch\":\""
            + epoch
            + "\",\"offset\":"
            + offset
            + "}}");
  }

  /// The number in the payload of a frame.
  static int number(JsonNode frame) {
    return frame.path("p").path("n").asInt(-1);
  }
}
