package dev.millrace.gateway.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.acl.AclRules;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.hub.AclSpec;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of server-sent events that come back with the id of the last event they have got.
@Timeout(60)
class SseRecoveryTest {
  private static void publish(TestGateway gateway, String topic, int from, int to) {
    for (int n = from; n <= to; n++) {
      var payload = ("{\"n\":\n" + n + "}").getBytes(StandardCharsets.UTF_8);
      gateway.hub.publish(topic, List.of(Message.of("kind", payload, true, 1_750_000_000_000L)));
    }
  }

  private static EventClient open(TestGateway gateway, String topics, String id)
      throws IOException, InterruptedException {
    return EventClient.open(gateway.port(), "/sse?topics=" + topics, "Last-Event-ID", id);
  }

  private static int number(EventClient.Event event) {
    return event.json().path("p").path("n").asInt(-1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatWasMissedComesFirstOnceAndInOrder(int loops) throws Exception {
    try (var gateway = new TestGateway(loops, "recovery.enabled=true")) {
      String id;
      try (var client = EventClient.open(gateway.port(), "/sse?topics=a")) {
        client.event();
        publish(gateway, "a", 1, 5);
        for (int n = 1; n <= 5; n++) {
          assertThat(number(client.event())).isEqualTo(n);
        }
        id = client.lastEventId();
      }
      publish(gateway, "a", 6, 300);
      try (var back = open(gateway, "a", id)) {
        var greeting = back.event();
        assertThat(greeting.json().at("/recovery/a/recovered").asBoolean()).isTrue();
        assertThat(greeting.lastEventId()).as("nothing of it has come yet").isEqualTo(id);
        publish(gateway, "a", 301, 310);
        for (int n = 6; n <= 310; n++) {
          var event = back.event();
          assertThat(number(event)).isEqualTo(n);
          assertThat(event.lastEventId()).endsWith("-" + "%012x".formatted(n));
          assertThat(event.json().has("tp")).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aConnectionWithSeveralTopicsGoesOnInEachOfThem(int loops) throws Exception {
    try (var gateway = new TestGateway(loops, "recovery.enabled=true")) {
      String id;
      try (var client = EventClient.open(gateway.port(), "/sse?topics=a,b")) {
        client.event();
        publish(gateway, "a", 1, 2);
        publish(gateway, "b", 1, 1);
        for (int i = 0; i < 3; i++) {
          client.event();
        }
        publish(gateway, "a", 3, 3);
        client.event(); // what came before it has set the id
        id = client.lastEventId();
      }
      publish(gateway, "a", 3, 40);
      publish(gateway, "b", 2, 30);
      String later;
      try (var back = open(gateway, "a,b", id)) {
        back.event();
        var numbers = new ArrayList<Integer>();
        for (int i = 0; i < 39 + 29; i++) {
          numbers.add(number(back.event()));
        }
        Await.until("all were given", () -> gateway.hub.stats().deliveries() >= 4 + 68);
        assertThat(numbers).contains(40, 30);
        publish(gateway, "a", 41, 41);
        back.event();
        later = back.lastEventId();
      }
      var positions = Position.readAll(later);
      assertThat(positions)
          .as(later)
          .extracting(Position::offset)
          .containsExactlyInAnyOrder(41L, 30L);
    }
  }

  @Test
  void whatIsGoneOrOfAnotherEpochIsSaidAndTheClientBeginsAtTheEnd() throws Exception {
    try (var gateway = new TestGateway(1, "recovery.enabled=true", "recovery.max_messages=8")) {
      publish(gateway, "a", 1, 40);
      Await.until("all are there", () -> gateway.hub.stats().published() == 40);
      var stats = gateway.hub.topic("a").orElseThrow();
      for (var from : List.of(new Position(stats.epoch(), 2), new Position(0, 39))) {
        try (var back = open(gateway, "a", from.toString())) {
          var greeting = back.event();
          assertThat(greeting.json().at("/recovery/a/recovered").asBoolean(true)).isFalse();
          assertThat(greeting.json().at("/recovery/a/offset").asLong()).isEqualTo(40);
          assertThat(back.lastEventId()).endsWith("%012x".formatted(40));
          assertThat(back.comments()).isEqualTo(1);
        }
      }
      try (var back = open(gateway, "a", new Position(stats.epoch(), 38).toString())) {
        back.event();
        assertThat(number(back.event())).isEqualTo(39);
      }
    }
  }

  @Test
  void newRulesEndConnectionsWithATopicTheyDeny() throws Exception {
    try (var gateway = new TestGateway(1);
        var client = EventClient.open(gateway.port(), "/sse?topics=a,b");
        var other = EventClient.open(gateway.port(), "/sse?topics=b")) {
      client.event();
      other.event();
      gateway.topics.apply(AclRules.of(new AclSpec(List.of(), List.of("a"))));
      assertThat(client.next()).isNull();
      assertThat(gateway.metrics.count(SseMetric.CLOSED, "forbidden")).isEqualTo(1);
      publish(gateway, "b", 1, 1);
      assertThat(number(other.event())).isEqualTo(1);
    }
  }
}
