package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Programs that the real process asks: who may have a topic, and how things stand there.
@Timeout(120)
class WebhooksTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String SUBSCRIBE =
      "{\"t\":\"subscription_update\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"mine\",\"other\"]}}";

  @TempDir private Path folder;

  private MillraceProcess start(String hooks) {
    Graphs.write(folder.resolve("hook.secret"), SECRET + "\n");
    var config =
        Graphs.write(
            folder.resolve("millrace.yaml"),
            """
            server: { port: 0 }
            auth:
              tokens:
                - { name: ann, token: "ann-0123456789abcdef", role: publisher }
                - { name: ops, token: "ops-0123456789abcdef", role: admin }
            hub:
              webhooks: { HOOKS }
            """
                .replace("HOOKS", hooks));
    return MillraceProcess.start(folder, "run", config.toString());
  }

  /// Whoever is asked about gets `mine`, and nothing else.
  private static String onlyMine(JsonNode question) {
    return "{\"allow\":[\"mine\"]}";
  }

  private static WebSocketClient ann(URI address, String path) {
    return WebSocketClient.connectAs("ann-0123456789abcdef", address, path);
  }

  @Test
  void aProgramDecidesWhoMayHaveATopicAtEveryDoor() {
    try (var program = new Questioned(WebhooksTest::onlyMine);
        var process =
            start("authorize: { url: \"" + program.url() + "\", secret_file: hook.secret }")) {
      var address = process.awaitServing("ops-0123456789abcdef");
      try (var client = ann(address, "/wse")) {
        client.first("server_ready");
        client.send(SUBSCRIBE);
        var ack = client.first("subscription_update").path("p");
        assertThat(ack.path("success_topics").toString()).isEqualTo("[\"mine\"]");
        assertThat(ack.at("/failed_topics/0/topic").asString()).isEqualTo("other");
        assertThat(publish(address, "mine")).isEqualTo(202);
        assertThat(publish(address, "other")).isEqualTo(403);
        assertThat(client.first("n").path("p").path("x").asInt()).isEqualTo(1);
        client.send(
            "{\"t\":\"publish\",\"p\":{\"topic\":\"other\",\"type\":\"n\",\"payload\":{}}}");
        assertThat(client.first("error").path("p").path("code").asString()).isEqualTo("FORBIDDEN");
      }
      assertThat(Handshake.outcome(address, "/ws/publish/other", "ann-0123456789abcdef"))
          .isEqualTo(403);
      assertThat(program.questions)
          .anySatisfy(
              question -> {
                assertThat(question.path("user").asString()).isEqualTo("ann");
                assertThat(question.path("role").asString()).isEqualTo("publisher");
                assertThat(question.path("action").asString()).isEqualTo("subscribe");
                assertThat(question.path("topics").toString()).isEqualTo("[\"mine\",\"other\"]");
              });
      assertThat(signature(program.signatures.getFirst(), program.questions.getFirst()))
          .isEqualTo(program.signatures.getFirst());
      assertThat(process.err()).doesNotContain(SECRET).doesNotContain(program.url());
    }
  }

  @Test
  void withoutAnAnswerNobodyGetsATopic() {
    try (var program = new Questioned(question -> "");
        var process = start("authorize: { url: \"" + program.url() + "\", timeout: 500ms }")) {
      var address = process.awaitServing("ops-0123456789abcdef");
      assertThat(publish(address, "mine")).isEqualTo(403);
      try (var client = ann(address, "/wse?topics=mine")) {
        var ack = client.first("subscription_update").path("p");
        assertThat(ack.at("/failed_topics/0/topic").asString()).isEqualTo("mine");
      }
    }
  }

  @Test
  void aProgramKnowsHowThingsStandAndSubscribersGetThatFirst() {
    try (var program = new Questioned(WebhooksTest::state);
        var process =
            start(
                "snapshot: { url: \""
                    + program.url()
                    + "\", secret_file: hook.secret } }\n  snapshot_on_subscribe: true #")) {
      var address = process.awaitServing("ops-0123456789abcdef");
      try (var client = ann(address, "/wse?topics=orders")) {
        client.first("subscription_update");
        var snapshot = client.first("orders_snapshot");
        assertThat(snapshot.at("/p/topic").asString()).isEqualTo("orders");
        assertThat(snapshot.at("/p/data/open").asInt()).isEqualTo(3);
        var end = client.first("snapshot_complete").path("p");
        assertThat(end.path("success").asBoolean()).isTrue();
        assertThat(end.path("topics").toString()).isEqualTo("[\"orders\"]");
      }
      assertThat(program.questions.getFirst().toString())
          .isEqualTo("{\"user\":\"ann\",\"topics\":[\"orders\"]}");
      assertThat(signature(program.signatures.getFirst(), program.questions.getFirst()))
          .isEqualTo(program.signatures.getFirst());
    }
  }

  private static String state(JsonNode question) {
    return "{\"snapshots\":[{\"topic\":\"orders\",\"payload\":{\"open\":3}}]}";
  }

  private static int publish(URI address, String topic) {
    return Http.postAs(
            "ann-0123456789abcdef",
            address,
            "/api/v1/topics/" + topic,
            "{\"type\":\"n\",\"payload\":{\"x\":1}}")
        .status();
  }

  /// What the signature of a question must be, by the seconds it says itself.
  private static String signature(String given, JsonNode question) {
    var seconds = given.substring(2, given.indexOf(','));
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      var signed = (seconds + "." + question).getBytes(StandardCharsets.UTF_8);
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(signed));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has HMAC-SHA256", impossible);
    }
  }
}
