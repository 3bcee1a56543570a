package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.time.Duration;

/// The topics of one server, over HTTP.
record Topics(URI address) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Publishes one event, which must be accepted; `payload` is JSON.
  void publish(String topic, String type, String payload) {
    publish(topic, "{\"type\":\"" + type + "\",\"payload\":" + payload + "}");
  }

  /// The same with the whole body, which may be an array of events.
  void publish(String topic, String body) {
    var answer = Http.post(address, "/api/v1/topics/" + topic, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
  }

  /// Waits until a topic has so many subscribers.
  void awaitSubscribers(String topic, int subscribers) {
    Await.until(
        PATIENCE,
        () -> subscribers(topic) == subscribers,
        () -> topic + " has " + subscribers(topic) + " subscribers, not " + subscribers);
  }

  private int subscribers(String topic) {
    var answer = Http.get(address, "/api/v1/topics/" + topic);
    return answer.status() == 404 ? 0 : answer.json().path("subscribers").asInt();
  }
}
