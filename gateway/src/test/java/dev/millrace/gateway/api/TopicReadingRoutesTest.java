package dev.millrace.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.TestClient;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class TopicReadingRoutesTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String KEYS =
      "topics=[{\"match\":\"kept*\",\"retention\":{\"messages\":100}},"
          + "{\"match\":\"room\",\"presence\":true},"
          + "{\"match\":\"feed\",\"retention\":{},\"audience\":[\"feed\"]}]";

  private static HttpResponse<String> get(TestGateway gateway, String path) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/topics/" + path);
    return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.tree(answer.body().getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theNewestMessagesAreGivenOldestFirstAsTheyWerePublished(int loops) throws Exception {
    try (var gateway = new TestGateway(loops, KEYS)) {
      for (int n = 1; n <= 5; n++) {
        var payload = "{\"n\": " + n + ",\"p\":{\"t\":\"}\"}}";
        var bytes = (n == 4 ? "[\"é\",1.25]" : payload).getBytes(StandardCharsets.UTF_8);
        var message =
            Message.of("type \"" + n, bytes, n != 4, 1_750_000_000_123L)
                .withId("id-" + n)
                .withPriority(Priority.CRITICAL)
                .withCorrelationId("c\"");
        gateway.hub.publishAndAwait("kept 1", List.of(message)).toCompletableFuture().join();
      }
      var page = json(get(gateway, "kept%201/history?limit=3"));
      assertThat(page.path("topic").asString()).isEqualTo("kept 1");
      assertThat(page.path("offset").asLong()).isEqualTo(5);
      assertThat(page.path("epoch").asString()).hasSize(8);
      var messages = page.path("messages");
      assertThat(messages.size()).isEqualTo(3);
      assertThat(messages.get(0).toString())
          .isEqualTo(
              "{\"offset\":3,\"id\":\"id-3\",\"type\":\"type \\\"3\","
                  + "\"ts\":\"2025-06-15T15:06:40.123Z\",\"payload\":{\"n\":3,\"p\":{\"t\":\"}\"}}}");
      assertThat(messages.get(1).path("payload").toString())
          .as("as clients see it")
          .isEqualTo("{\"data\":[\"é\",1.25]}");
      assertThat(json(get(gateway, "kept%201/history")).path("messages").size()).isEqualTo(5);
      assertThat(json(get(gateway, "kept2/history")).path("messages").size()).isZero();
    }
  }

  @Test
  void membersAreListedByUser() throws Exception {
    try (var gateway = new TestGateway(1, KEYS)) {
      assertThat(json(get(gateway, "room/presence")).path("members").size()).isZero();
      TestClient client = gateway.connect("/wse");
      client.ask(
          "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"room\"],"
              + "\"presence\":{\"at\":\"desk\"}}}",
          "subscription_update");
      client.next("presence_join");
      var members = json(get(gateway, "room/presence")).path("members");
      assertThat(members.size()).isEqualTo(1);
      assertThat(members.iterator().next().toString())
          .isEqualTo("{\"data\":{\"at\":\"desk\"},\"connections\":1}");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kept1/history?limit=0, 400, BAD_LIMIT",
    "kept1/history?limit=1001, 400, BAD_LIMIT",
    "kept1/history?limit=x, 400, BAD_LIMIT",
    "other/history, 404, NO_HISTORY",
    "other/presence, 404, NO_PRESENCE",
    "kept9/history, 403, TOPIC_FORBIDDEN",
    "feed/history, 403, TOPIC_FORBIDDEN"
  })
  void whatCannotBeReadIsSaid(String path, int status, String code) throws Exception {
    try (var gateway = new TestGateway(1, KEYS, "acl.deny=[\"kept9\"]")) {
      var answer = get(gateway, path);
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.body()).contains(code);
    }
  }
}
