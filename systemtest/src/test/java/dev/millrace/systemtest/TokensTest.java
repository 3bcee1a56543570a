package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Signatures, session tokens and channel tokens of the real process, as clients and programs in
/// other languages meet them.
@Timeout(120)
class TokensTest {
  private static final String OLD = "1.4.3";
  private static final String NEW = "2.4.1";
  private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  private static final String SIGNING = "a secret that programs share with the server";
  private static final String OPS = "ops-0123456789abcdef";

  private static MillraceProcess process;
  private static URI address;

  @TempDir private static Path shared;

  @TempDir private Path folder;

  @BeforeAll
  static void startServer() {
    Graphs.write(shared.resolve("channel.key"), KEY + "\n");
    var config =
        Graphs.write(
            shared.resolve("millrace.yaml"),
            """
            server: { port: 0 }
            auth:
              anonymous: [wse, api]
              jwt: { secret: WEB }
              tokens: [ { name: ops, token: OPS, role: operator } ]
            hub:
              acl: { deny: ["subscribe secret.*"] }
              signing: { types: ["trade", "account_*"], secret: "SIGNING" }
              session_tokens: { secret: WEB }
              channel_tokens: { key_file: channel.key, validity: 10m }
            """
                .replace("WEB", WebTokens.SECRET)
                .replace("OPS", OPS)
                .replace("SIGNING", SIGNING));
    process = MillraceProcess.start(shared, "run", config.toString());
    address = process.awaitServing(OPS);
  }

  @AfterAll
  static void stopServer() {
    process.close();
  }

  private static String ann() {
    return WebTokens.of("ann", Duration.ofHours(1));
  }

  private static String minted(String topic, String user, int seconds) {
    var body =
        Json.mapper()
            .createObjectNode()
            .put("topic", topic)
            .put("user", user)
            .put("seconds", seconds);
    var made = Http.postAs(OPS, address, "/api/v1/tokens/channel", body.toString());
    assertThat(made.status()).as(made.body()).isEqualTo(200);
    return made.json().path("token").asString();
  }

  private static String subscription(String topic, String token) {
    return "{\"t\":\"subscription_update\",\"p\":{\"action\":\"subscribe\",\"topics\":[\""
        + topic
        + "\"],\"tokens\":{\""
        + topic
        + "\":\""
        + token
        + "\"}}}";
  }

  private static void publish(String topic, String type, String payload) {
    var body = "{\"type\":\"" + type + "\",\"payload\":" + payload + "}";
    var answer = Http.postAs(OPS, address, "/api/v1/topics/" + topic, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
  }

  private static JsonNode action(WebSocketClient client, String action) {
    return client
        .first("subscription_update", one -> one.at("/p/action").asString().equals(action))
        .path("p");
  }

  @Test
  void aTokenOfAnOperatorOpensATopicUntilItExpires() {
    var token = minted("secret.a", "ann", 2);
    try (var client = WebSocketClient.connectAs(ann(), address, "/wse")) {
      client.first("server_ready");
      client.send(subscription("secret.a", token));
      assertThat(action(client, "subscribe").path("success_topics").toString())
          .isEqualTo("[\"secret.a\"]");
      publish("secret.a", "n", "{\"n\":1}");
      assertThat(client.first("n").at("/p/n").asInt()).isEqualTo(1);
      assertThat(action(client, "unsubscribe").path("success_topics").toString())
          .isEqualTo("[\"secret.a\"]");
      publish("secret.a", "late", "{}");
      client.send("{\"t\":\"config_request\"}");
      client.first("config_response");
      assertThat(client.received("late")).isEmpty();
    }
  }

  @Test
  void whoMadeATokenIsOnRecord() {
    minted("secret.recorded", "ann", 60);
    var entries = Http.getAs(OPS, address, "/api/v1/audit?limit=20").json().path("entries");
    var recorded = new ArrayList<JsonNode>();
    entries.forEach(recorded::add);
    assertThat(recorded)
        .anySatisfy(
            entry -> {
              assertThat(entry.path("command").asString()).isEqualTo("channel_token");
              assertThat(entry.path("target").asString()).isEqualTo("secret.recorded");
              assertThat(entry.path("actor").asString()).isEqualTo("ops");
              assertThat(entry.at("/outcome/user").asString()).isEqualTo("ann");
            });
    assertThat(entries.toString()).doesNotContain("gAAAAA");
  }

  @Test
  void aProgramInPythonMakesAndReadsTokensWithTheSameKey() {
    var text =
        "{\"type\":\"ws_channel\",\"user\":\"ann\",\"topic\":\"secret.py.*\",\"seconds\":60}";
    var token = python("seal", KEY, text);
    try (var client = WebSocketClient.connectAs(ann(), address, "/wse")) {
      client.first("server_ready");
      client.send(subscription("secret.py.1", token));
      assertThat(action(client, "subscribe").path("success_topics").toString())
          .isEqualTo("[\"secret.py.1\"]");
    }
    var read = python("open", KEY, minted("secret.b", "zoë", 60));
    assertThat(Json.tree(read.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(
            Json.tree(
                "{\"type\":\"ws_channel\",\"user\":\"zoë\",\"topic\":\"secret.b\",\"seconds\":60}"
                    .getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aProgramInPythonChecksSignatures() {
    try (var client = WebSocketClient.connect(address, "/wse?topics=signed")) {
      client.first("subscription_update");
      for (var payload :
          List.of(
              "{\"b\":1.5,\"a\":[null,true,\"é\\n漢😀\"],\"z\":1e-7}", "[1,2]", "{\"n\":1e22}")) {
        publish("signed", "trade", payload);
      }
      client.await("three trades", received -> client.received("trade").size() == 3);
      for (var trade : client.received("trade")) {
        var sig = trade.json().path("sig").asString();
        assertThat(python("check", SIGNING, sig, trade.json().path("p").toString()))
            .isEqualTo("sound");
      }
      publish("signed", "other", "{}");
      assertThat(client.first("other").has("sig")).isFalse();
    }
  }

  @Test
  void aClientThatComesBackNamesTheSessionItHad() {
    String token;
    try (var first = WebSocketClient.connect(address, "/wse?topics=mine")) {
      token = first.first("server_ready").at("/p/details/session_token").asString();
      first.first("subscription_update");
    }
    try (var other = WebSocketClient.connect(address, "/wse?topics=others")) {
      other.first("subscription_update");
    }
    awaitRestored(token);
  }

  /// The server may not have noticed yet that the connection is gone; each token counts once.
  private void awaitRestored(String token) {
    var topics = new ArrayList<String>();
    Await.until(
        Duration.ofSeconds(20),
        () -> {
          try (var again = WebSocketClient.connect(address, "/wse")) {
            again.first("server_ready");
            again.send("{\"t\":\"client_hello\",\"p\":{\"session_token\":\"" + token + "\"}}");
            if (!again.first("server_hello").at("/p/session_restored").asBoolean()) {
              return false;
            }
            again
                .first("subscription_update")
                .at("/p/topics")
                .forEach(topic -> topics.add(topic.asString()));
            return true;
          }
        },
        () -> "nothing was restored");
    assertThat(topics).containsExactly("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void publishedClientsShowTokensAndTakeSignedEvents(String version) {
    var topic = "secret.client." + version;
    try (var client = PublishedClient.start(version, folder)) {
      var connect = PublishedClient.topics("connect", "open." + version);
      client.ask(
          connect
              .put("url", "ws://" + address.getAuthority() + "/wse")
              .put("delay", 0.2)
              .put("token", ann()));
      var wanted = Json.mapper().createObjectNode().put("action", "subscribe");
      wanted.putArray("topics").add(topic);
      wanted.putObject("tokens").put(topic, minted(topic, "ann", 300));
      client.send("subscription_update", wanted);
      new Topics(address).awaitSubscribers(topic, 1);
      publish(topic, "trade", "{\"n\":1}");
      client.awaitEvents("trade", 1);
      assertThat(client.events("trade").getFirst().at("/payload/n").asInt()).isEqualTo(1);
    }
  }

  private static String python(String... arguments) {
    var python = PublishedClient.interpreter(NEW);
    var program = MillraceProcess.home().resolve("systemtest/src/test/resources/clients/tokens.py");
    var command = new ArrayList<>(List.of(python.toString(), program.toString()));
    command.addAll(List.of(arguments));
    try {
      var running = new ProcessBuilder(command).redirectErrorStream(true).start();
      var said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(running.waitFor()).as(said).isZero();
      return said.strip();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", stopped);
    }
  }
}
