package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.NOW;
import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.auth.TestTokens.signed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.signal.Killed;
import dev.millrace.net.NetMetric;
import dev.millrace.net.NetSpec;
import dev.millrace.net.websocket.WebSocketLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WseAccessTest {
  private static final String JWT = "auth.jwt.secret=" + SECRET;
  private final LinkedBlockingQueue<Killed> kills = new LinkedBlockingQueue<>();
  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(1);
    gateway.bus.subscribe("test", Killed.class, kills::add, Duration.ofSeconds(1), () -> {});
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of("", "AUTH_REQUIRED", "No access_token cookie or Authorization header"),
        Arguments.of("nonsense", "AUTH_FAILED", "Malformed JWT token"),
        Arguments.of(
            signed("{\"sub\":\"ann\",\"exp\":" + NOW + "}"), "AUTH_FAILED", "Token expired"),
        Arguments.of(good("ann", null) + "x", "AUTH_FAILED", "Invalid JWT signature"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aCallerThatIsNotLetInIsToldWhyInAFrameAndClosed(String token, String code, String why)
      throws InterruptedException {
    gateway.access.apply(policy(JWT));
    var client = gateway.connect("/wse?topics=a", token.isEmpty() ? null : token);
    var frame = client.next();
    assertThat(frame).startsWith("text WSE{\"t\":\"error\",");
    var payload = TestClient.envelope(frame).path("p");
    assertThat(payload.path("code").asString()).isEqualTo(code);
    assertThat(payload.path("message").asString()).isEqualTo(why);
    assertThat(payload.path("recoverable").asBoolean(true)).isFalse();
    assertThat(payload.path("details").path("hint").asString()).isNotBlank();
    assertThat(client.closed()).isEqualTo("4401 Authentication required");
    assertThat(gateway.dialect.connections()).isZero();
    assertThat(gateway.metrics.count(WseMetric.REFUSED, "caller")).isEqualTo(1);
  }

  @Test
  void aPageOfAnotherSiteIsToldSoAndClosed() throws Exception {
    var closed = new java.util.concurrent.CompletableFuture<String>();
    try (var http = HttpClient.newHttpClient()) {
      var socket =
          http.newWebSocketBuilder()
              .header("Origin", "https://evil.example")
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + gateway.port() + "/wse"),
                  new WebSocket.Listener() {
                    @Override
                    public java.util.concurrent.@org.jspecify.annotations.Nullable CompletionStage<
                            ?>
                        onClose(WebSocket from, int code, String reason) {
                      closed.complete(code + " " + reason);
                      return null;
                    }
                  })
              .get(10, TimeUnit.SECONDS);
      assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo("4403 Origin not allowed");
      socket.abort();
    }
  }

  @Test
  void whoFailsTooOftenIsToldToComeBackLater() throws InterruptedException {
    gateway.access.apply(
        policy(JWT, "auth.failures_per_address={\"capacity\": 1, \"refill_rate\": 1}"));
    assertThat(gateway.connect("/wse", "nonsense").closed()).startsWith("4401 ");
    var second = gateway.connect("/wse", good("ann", null));
    assertThat(second.next("error").path("p").path("code").asString()).isEqualTo("RATE_LIMITED");
    assertThat(second.closed()).isEqualTo("1013 Try again later");
  }

  @Test
  void theUserIsWhoTheTokenSays() throws InterruptedException {
    gateway.access.apply(policy(JWT, "auth.anonymous=wse"));
    var known = gateway.connect("/wse", good("ann@example", null));
    var details = known.next("server_ready").path("p").path("details");
    assertThat(details.path("user_id").asString()).isEqualTo("ann@example");
    assertThat(details.path("connection_id").asString()).matches("ws_[0-9a-f]{8}_[0-9a-f]{8}");
    var unknown = gateway.connect("/wse").next("server_ready").path("p").path("details");
    assertThat(unknown.path("user_id").asString()).matches("[0-9a-f]{32}");
  }

  private static final String HELLO =
      "{\"t\":\"publish\",\"cid\":\"c\",\"p\":{\"topic\":\"t\",\"payload\":1}}";

  @Test
  void publishingNeedsTheRole() throws InterruptedException {
    gateway.access.apply(policy(JWT, "auth.anonymous=wse"));
    var reader = gateway.connect("/wse?topics=t", good("reader", "viewer"));
    reader.next("subscription_update");
    for (var token : new String[] {null, good("ann", null), good("bob", "viewer")}) {
      var refused = gateway.connect("/wse", token).send(HELLO).next("error");
      assertThat(refused.path("p").path("code").asString()).isEqualTo("FORBIDDEN");
      assertThat(refused.path("p").path("recoverable").asBoolean(false)).isTrue();
      assertThat(refused.path("cid").asString()).isEqualTo("c");
    }
    assertThat(gateway.metrics.count(WseMetric.DROPPED, "publish_forbidden")).isEqualTo(3);
    gateway.connect("/wse", good("carol", "publisher")).send(HELLO);
    assertThat(reader.next("t").path("p").path("data").asInt(0)).isEqualTo(1);
    gateway.access.apply(policy(JWT, "auth.anonymous=wse,publish"));
    gateway.connect("/wse").send(HELLO);
    assertThat(reader.next("t").path("p").path("data").asInt(0)).isEqualTo(1);
  }

  @Test
  void aTokenTakenBackEndsItsConnectionsAndTheOthersMissNothing() throws InterruptedException {
    var ops =
        "auth.tokens=[{\"name\":\"ops\",\"token\":\"ops-token-0123456789\",\"role\":\"admin\"}]";
    gateway.access.apply(policy(JWT, ops));
    var revoked = gateway.connect("/wse?topics=t", "ops-token-0123456789");
    var publisher = gateway.connect("/ws/publish/t", "ops-token-0123456789");
    var stays = gateway.connect("/wse?topics=t", good("ann", "publisher"));
    var connectionId = revoked.next("server_ready").path("p").path("connection_id").asString();
    stays.next("subscription_update");
    gateway.access.apply(policy(JWT));
    gateway.clock.advance(Duration.ofSeconds(1));
    assertThat(revoked.next("error").path("p").path("code").asString()).isEqualTo("AUTH_FAILED");
    assertThat(revoked.closed()).isEqualTo("4401 Authentication required");
    assertThat(publisher.closed()).isEqualTo("4401 Authentication required");
    stays.send(HELLO);
    assertThat(stays.next("t").path("p").path("data").asInt(0)).isEqualTo(1);
    var killed = new java.util.HashSet<Killed>();
    killed.add(kill());
    killed.add(kill());
    assertThat(killed)
        .containsExactlyInAnyOrder(
            new Killed("client", connectionId, "Unauthorized", "Authentication required"),
            new Killed("publisher", "ops", "Unauthorized", "Authentication required"));
  }

  private Killed kill() throws InterruptedException {
    var killed = kills.poll(10, TimeUnit.SECONDS);
    assertThat(killed).isNotNull();
    return java.util.Objects.requireNonNull(killed);
  }

  @Test
  void anExpiredTokenEndsTheConnection() throws InterruptedException {
    gateway.access.apply(policy(JWT));
    var client = gateway.connect("/wse", signed("{\"sub\":\"ann\",\"exp\":" + (NOW + 3) + "}"));
    client.next("server_ready");
    gateway.clock.advance(Duration.ofSeconds(3));
    assertThat(client.next("error").path("p").path("message").asString())
        .isEqualTo("Token expired");
    assertThat(client.closed()).isEqualTo("4401 Token expired");
    assertThat(kill().detail()).isEqualTo("Token expired");
  }

  @Test
  void newLimitsHoldForNewConnectionsAndThePaceForAll() throws InterruptedException {
    var before = gateway.connect("/wse");
    before.next("server_ready");
    var spec = TestGateway.hubSpec("heartbeat_interval=30s", "max_connections=2");
    var limits = WebSocketLimits.of(NetSpec.DEFAULT).withMaxMessageBytes(1_024);
    gateway.dialect.apply(spec, limits);
    gateway.publish.apply(spec.publish(), limits);
    var after = gateway.connect("/wse");
    var details = after.next("server_ready").path("p").path("details");
    assertThat(details.path("endpoints").path("heartbeat_interval").asInt()).isEqualTo(30_000);
    assertThat(gateway.connect("/wse").closed()).startsWith("4503 ");
    before.send("{\"t\":\"ping\",\"p\":{\"x\":\"" + "x".repeat(2_000) + "\"}}");
    assertThat(before.next("PONG")).isNotNull();
    after.send("{\"t\":\"ping\",\"p\":{\"x\":\"" + "x".repeat(2_000) + "\"}}");
    assertThat(after.closed()).startsWith("1009 ");
    assertThat(gateway.connect("/ws/publish/t").send("\"" + "x".repeat(2_000) + "\"").closed())
        .startsWith("1009 ");
    gateway.clock.advance(Duration.ofSeconds(30));
    before.next("heartbeat");
    before.send("{\"t\":\"ping\"}");
    int more = 0;
    for (var message = before.next(); !message.contains("PONG"); message = before.next()) {
      more += message.contains("\"t\":\"heartbeat\"") ? 1 : 0;
    }
    assertThat(more).as("beyond the one of a new interval, which is two old ones").isZero();
  }

  @Test
  void aSilentConnectionThatIsClosedIsAKill() throws InterruptedException, IOException {
    var client = gateway.connect("/wse");
    client.next("server_ready");
    for (int i = 0; i < 7; i++) {
      gateway.clock.advance(Duration.ofSeconds(15));
    }
    assertThat(client.closed()).startsWith("1000 ");
    assertThat(kill().reason()).isEqualTo("PingTimeout");
  }

  @Test
  void whatACallerThatIsNotLetInSaysIsNotCollected() throws Exception {
    gateway.access.apply(policy(JWT));
    try (var socket = RawSocket.open(gateway.port(), "/wse")) {
      // A text frame of 1 MiB is announced, its beginning comes, and its end never does.
      var frame = new byte[14 + 100_000];
      frame[0] = (byte) 0x81;
      frame[1] = (byte) 0xff;
      frame[7] = 0x10;
      socket.getOutputStream().write(frame);
      var seen = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(seen).contains("AUTH_REQUIRED");
    }
    assertThat(gateway.metrics.count(NetMetric.PROTOCOL_ERRORS, "message_too_big")).isEqualTo(1);
    assertThat(gateway.loops.loops().getFirst().incompleteInput().usedBytes()).isZero();
  }
}
