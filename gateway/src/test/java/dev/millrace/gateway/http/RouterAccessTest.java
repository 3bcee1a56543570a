package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.TestTokens;
import dev.millrace.gateway.event.Refusal;
import dev.millrace.net.websocket.Upgrade;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class RouterAccessTest {
  private static final String OPS = "ops-token-0123456789";
  private static final String TOKENS =
      "auth.tokens=[{\"name\":\"ops\",\"token\":\""
          + OPS
          + "\",\"role\":\"admin\"},{\"name\":\"eye\",\"token\":\"eye-token-0123456789\","
          + "\"role\":\"viewer\"}]";
  private static final String BEARER = "Authorization: Bearer " + OPS + "\r\n";
  private static final String CONSOLE = "https://console.example";

  private final Site site =
      new Site(
          RouterSpec.DEFAULT,
          List.of((RouteContribution) RouterAccessTest::routes),
          List.of(route("GET", "/live", Route.Access.PUBLIC, Surface.API, Route.Docs.of("Alive."))),
          List.of(
              new WebSocketEndpoint(
                  "/socket",
                  Surface.WSE,
                  Route.Access.CLIENT,
                  "For a test.",
                  OriginPolicy.CONFIGURED,
                  (head, parameters, admission) ->
                      switch (admission) {
                        case Admission.Rejected rejected -> rejected.asRefusal();
                        case Admission.Admitted(var who, var _) ->
                            new Upgrade.Refuse(Response.failure(418, "REACHED", who.name()));
                      })),
          List.of(CONSOLE));

  RouterAccessTest() throws Exception {}

  @AfterEach
  void stop() {
    site.close();
  }

  private static List<Route> routes() {
    var docs = Route.Docs.of("For a test.");
    return List.of(
        route("GET", "/things", Route.Access.VIEWER, Surface.API, docs),
        route(
            "POST", "/things", Route.Access.OPERATOR, Surface.API, docs.takes("{\"asset\":\"a\"}")),
        route(
            "POST",
            "/publish",
            Route.Access.PUBLISHER,
            Surface.PUBLISH,
            docs.takes("{\"type\":\"a\"}")),
        route("PUT", "/text", Route.Access.ADMIN, Surface.ADMIN, docs.takes("any text")),
        route("GET", "/open", Route.Access.PUBLIC, Surface.API, docs));
  }

  private static Route route(
      String method, String path, Route.Access access, Surface surface, Route.Docs docs) {
    return new Route(
        method,
        path,
        surface,
        access,
        docs,
        request -> Response.text(200, "for " + request.principal().name()));
  }

  private static JsonNode failure(String answer) {
    return Json.mapper().readTree(Site.body(answer));
  }

  @Test
  void aRouteIsForWhoMayCallIt() throws IOException {
    assertThat(site.get("/things")).startsWith("HTTP/1.1 200 ").endsWith("for 127.0.0.1");
    site.access.apply(TestTokens.policy(TOKENS));
    var missing = site.get("/things");
    assertThat(missing).startsWith("HTTP/1.1 401 ").contains("WWW-Authenticate: Bearer\r\n");
    assertThat(failure(missing).at("/error/code").asString()).isEqualTo("AUTH_REQUIRED");
    assertThat(failure(missing).at("/error/details").isObject()).isTrue();
    assertThat(failure(missing).at("/request_id").asString()).hasSize(32);
    assertThat(site.ask("GET", "/things", BEARER, "")).endsWith("for ops");
    assertThat(site.ask("HEAD", "/things", BEARER, "")).startsWith("HTTP/1.1 200 ");
    assertThat(site.ask("GET", "/things", "Cookie: access_token=" + OPS + "\r\n", ""))
        .endsWith("for ops");
    var wrong = site.ask("GET", "/things", "Authorization: Bearer wrong-wrong-wrong\r\n", "");
    assertThat(wrong).startsWith("HTTP/1.1 401 ").doesNotContain("wrong-wrong-wrong");
    var viewer = "Authorization: Bearer eye-token-0123456789\r\nContent-Type: application/json\r\n";
    var low = site.ask("POST", "/things", viewer, "{}");
    assertThat(low).startsWith("HTTP/1.1 403 ");
    assertThat(failure(low).at("/error/code").asString()).isEqualTo("FORBIDDEN");
    assertThat(site.get("/open")).startsWith("HTTP/1.1 200 ");
    assertThat(site.get("/live")).startsWith("HTTP/1.1 200 ");
    assertThat(site.get("/nothing")).startsWith("HTTP/1.1 404 ");
    assertThat(handshake("")).startsWith("HTTP/1.1 401 ").contains("WWW-Authenticate");
    assertThat(handshake(BEARER)).startsWith("HTTP/1.1 418 ").contains("ops");
  }

  @Test
  void whoeverKeepsARecordHearsWhoWasTurnedAwayFromWhichRoute() throws IOException {
    site.access.apply(TestTokens.policy(TOKENS));
    site.ask("PUT", "/text", "X-Request-Id: mine-1\r\n", "x");
    var viewer = "Authorization: Bearer eye-token-0123456789\r\n";
    site.ask("PUT", "/text", viewer, "x");
    site.ask("PUT", "/text", BEARER + "Origin: https://evil.example\r\n", "x");
    site.askBare("PUT", "/text", "Host: evil.example\r\n" + BEARER, "x");
    handshake("");
    site.get("/nothing");
    site.router.apply(new RouterSpec(16, Duration.ofSeconds(5), 1), new OriginRule(List.of()));
    for (int i = 0; i < 2; i++) {
      site.ask("PUT", "/text", BEARER, "x");
    }
    assertThat(site.refusals)
        .extracting(Refusal::path, Refusal::method, Refusal::surface, Refusal::code)
        .containsExactly(
            tuple("/text", "PUT", Surface.ADMIN, "AUTH_REQUIRED"),
            tuple("/text", "PUT", Surface.ADMIN, "FORBIDDEN"),
            tuple("/text", "PUT", Surface.ADMIN, "ORIGIN_NOT_ALLOWED"),
            tuple("/text", "PUT", Surface.ADMIN, "ORIGIN_NOT_ALLOWED"),
            tuple("/socket", "GET", Surface.WSE, "AUTH_REQUIRED"),
            tuple("/text", "PUT", Surface.ADMIN, "RATE_LIMITED"));
    assertThat(site.refusals.getFirst().requestId()).isEqualTo("mine-1");
    assertThat(site.refusals.getFirst().caller()).isNull();
    assertThat(site.refusals).extracting(Refusal::address).containsOnly("127.0.0.1");
    assertThat(site.refusals.get(1).caller())
        .satisfies(who -> assertThat(who).extracting("name").isEqualTo("eye"));
    assertThat(site.refusals.toString()).doesNotContain("token-0123456789");
  }

  private String handshake(String headers) throws IOException {
    return site.ask("GET", "/socket", headers + UPGRADE, "");
  }

  private static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("/things", "application/json", "{\"asset\":\"x\"}", 200, ""),
        Arguments.of("/things", "Application/JSON; charset=utf-8", "{}", 200, ""),
        Arguments.of("/things", "text/plain", "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
        Arguments.of("/things", null, "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
        Arguments.of("/things", null, "", 200, ""),
        Arguments.of("/things", "application/json", "{", 400, "BAD_JSON"),
        Arguments.of("/things", "application/json", "{} {}", 400, "BAD_JSON"),
        Arguments.of("/things", "application/json", "[]", 400, "BAD_JSON"),
        Arguments.of("/things", "application/json", "7", 400, "BAD_JSON"),
        Arguments.of("/publish", "application/x-www-form-urlencoded", "anything", 200, ""),
        Arguments.of("/publish", null, "anything", 200, ""));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void whatIsSentIsAnObjectThatSaysItIsJson(
      String path,
      @org.jspecify.annotations.Nullable String type,
      String body,
      int status,
      String code)
      throws IOException {
    var header = type == null ? "" : "Content-Type: " + type + "\r\n";
    var answer = site.ask("POST", path, header, body);
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    if (status != 200) {
      assertThat(failure(answer).at("/error/code").asString()).isEqualTo(code);
    }
  }

  @Test
  void aRouteThatTakesTextTakesIt() throws IOException {
    assertThat(site.ask("PUT", "/text", "Content-Type: text/plain\r\n", "hello"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void optionsSayWhatAPathAnswersTo() throws IOException {
    assertThat(site.ask("OPTIONS", "/things", "", ""))
        .startsWith("HTTP/1.1 204 ")
        .contains("Allow: GET, HEAD, OPTIONS, POST\r\n");
    assertThat(site.ask("OPTIONS", "/socket", "", "")).contains("Allow: GET, OPTIONS\r\n");
    assertThat(site.ask("OPTIONS", "*", "", "")).startsWith("HTTP/1.1 204 ");
    assertThat(site.ask("OPTIONS", "/nothing", "", "")).startsWith("HTTP/1.1 404 ");
    assertThat(site.ask("POST", "/socket", "", ""))
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: GET, OPTIONS\r\n");
  }

  @Test
  void aListedPageMayCallWithCredentialsAndNoOther() throws IOException {
    var preflight =
        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n";
    site.access.apply(TestTokens.policy(TOKENS));
    var allowed = site.ask("OPTIONS", "/things", preflight + "Origin: " + CONSOLE + "\r\n", "");
    assertThat(allowed)
        .startsWith("HTTP/1.1 204 ")
        .contains("Access-Control-Allow-Origin: " + CONSOLE + "\r\n")
        .contains("Access-Control-Allow-Credentials: true\r\n")
        .contains("Access-Control-Allow-Methods: GET, HEAD, OPTIONS, POST\r\n")
        .contains("Access-Control-Allow-Headers: Authorization, Content-Type")
        .contains("Vary: Origin\r\n");
    var refused =
        site.ask("OPTIONS", "/things", preflight + "Origin: https://evil.example\r\n", "");
    assertThat(refused)
        .startsWith("HTTP/1.1 403 ")
        .doesNotContain("Access-Control-Allow")
        .contains("Vary: Origin\r\n");
    var failed = site.ask("GET", "/things", "Origin: " + CONSOLE + "\r\n", "");
    assertThat(failed)
        .startsWith("HTTP/1.1 401 ")
        .contains("Access-Control-Allow-Origin: " + CONSOLE + "\r\n")
        .contains("Access-Control-Expose-Headers: X-Request-Id");
    assertThat(site.ask("GET", "/open", "", ""))
        .doesNotContain("Access-Control-Allow-Origin")
        .contains("Vary: Origin\r\n");
  }

  @Test
  void anyOriginIsNeverAnyOriginWithCredentials() throws IOException {
    site.router.apply(RouterSpec.DEFAULT, new OriginRule(List.of("*")));
    assertThat(site.ask("GET", "/open", "Origin: https://evil.example\r\n", ""))
        .contains("Access-Control-Allow-Origin: *\r\n")
        .doesNotContain("Allow-Credentials");
  }

  @Test
  void anAddressThatAsksTooOftenIsTurnedAwayButStillFindsTheServerAlive() throws IOException {
    site.router.apply(new RouterSpec(16, Duration.ofSeconds(5), 2), new OriginRule(List.of()));
    assertThat(site.get("/open")).startsWith("HTTP/1.1 200 ");
    assertThat(site.get("/nothing")).startsWith("HTTP/1.1 404 ");
    var tooMany = site.get("/open");
    assertThat(tooMany).startsWith("HTTP/1.1 429 ").contains("Retry-After: 1\r\n");
    assertThat(failure(tooMany).at("/error/code").asString()).isEqualTo("RATE_LIMITED");
    assertThat(handshake("")).startsWith("HTTP/1.1 429 ");
    assertThat(site.get("/live")).startsWith("HTTP/1.1 200 ");
    assertThat(site.metrics.count(HttpMetric.REFUSED_RATE)).isEqualTo(2);
    site.clock.advance(Duration.ofMillis(500));
    assertThat(site.get("/open")).startsWith("HTTP/1.1 200 ");
    site.router.apply(RouterSpec.DEFAULT, new OriginRule(List.of()));
    for (int i = 0; i < 5; i++) {
      assertThat(site.get("/open")).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aListenerShowsOnlyTheSurfacesItServes() throws Exception {
    try (var listener = site.listen(EnumSet.of(Surface.PUBLISH, Surface.WSE))) {
      int port = listener.port();
      var host = "Host: 127.0.0.1:" + port + "\r\n";
      assertThat(Site.askAt(port, "POST", "/publish", host, "x")).startsWith("HTTP/1.1 200 ");
      assertThat(Site.askAt(port, "GET", "/things", host, "")).startsWith("HTTP/1.1 404 ");
      assertThat(Site.askAt(port, "PUT", "/things", host, "")).startsWith("HTTP/1.1 404 ");
      assertThat(Site.askAt(port, "PUT", "/text", host, "")).startsWith("HTTP/1.1 404 ");
      assertThat(Site.askAt(port, "GET", "/live", host, "")).startsWith("HTTP/1.1 200 ");
      assertThat(Site.askAt(port, "GET", "/socket", host + UPGRADE, ""))
          .startsWith("HTTP/1.1 418 ");
      assertThat(Site.askAt(port, "GET", "/publish", host, ""))
          .startsWith("HTTP/1.1 405 ")
          .contains("Allow: OPTIONS, POST\r\n");
      assertThat(Site.askAt(port, "BAD REQUEST", "x", "", "")).startsWith("HTTP/1.1 400 ");
    }
    try (var listener = site.listen(EnumSet.of(Surface.API))) {
      var host = "Host: 127.0.0.1:" + listener.port() + "\r\n";
      assertThat(Site.askAt(listener.port(), "GET", "/things", host, ""))
          .startsWith("HTTP/1.1 200 ");
      assertThat(Site.askAt(listener.port(), "GET", "/socket", host + UPGRADE, ""))
          .startsWith("HTTP/1.1 404 ");
    }
  }

  @Test
  void aLongBodyIsNotReadForACallerWhoMayNotSendOne() throws IOException {
    site.access.apply(TestTokens.policy(TOKENS));
    var host = "Host: 127.0.0.1:" + site.port() + "\r\n";
    var length = "Content-Length: 10000000\r\n\r\n";
    assertThat(headAnswered("POST /publish HTTP/1.1\r\n" + host + length)).contains(" 401 ");
    assertThat(
            headAnswered(
                "POST /publish HTTP/1.1\r\n"
                    + host
                    + "Authorization: Bearer eye-token-0123456789\r\n"
                    + length))
        .contains(" 403 ");
    assertThat(headAnswered("POST /nowhere HTTP/1.1\r\n" + host + length)).contains(" 404 ");
    assertThat(headAnswered("GET /live HTTP/1.1\r\n" + host + length)).contains(" 413 ");
    assertThat(headAnswered("POST /publish HTTP/1.1\r\nHost: evil.example\r\n" + length))
        .contains(" 403 ");
    assertThat(site.loops.loops().getFirst().incompleteInput().usedBytes()).isZero();
    var sound =
        site.ask(
            "POST",
            "/publish",
            BEARER + "Content-Type: application/json\r\n",
            "{\"type\":\"" + "x".repeat(100_000) + "\"}");
    assertThat(sound).endsWith("for ops");
  }

  /// The answer to a head whose body never comes.
  private String headAnswered(String head) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), site.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aTokenOfAKeyPairIsWaitedForOnBothKindsOfDoor(@TempDir Path folder) throws Exception {
    var key = new ECKeyGenerator(Curve.P_256).keyID("a").generate();
    Files.writeString(folder.resolve("set"), new JWKSet(key.toPublicJWK()).toString());
    site.access.apply(
        TestTokens.policy("auth.jwt.jwks_file=" + folder.resolve("set").toAbsolutePath()));
    for (var way : List.of("GET /things", "GET /socket")) {
      var token =
          new JWSObject(
              new JWSHeader(JWSAlgorithm.ES256),
              new Payload(
                  "{\"sub\":\"ann\",\"role\":\"viewer\",\"exp\":" + (TestTokens.NOW + 9) + "}"));
      token.sign(new ECDSASigner(key));
      var upgrade =
          way.endsWith("socket")
              ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              : "";
      var bearer = "Authorization: Bearer " + token.serialize() + "\r\n" + upgrade;
      for (int i = 0; i < 2; i++) { // checked, then known
        assertThat(site.ask("GET", way.substring(4), bearer, "")).as(way).contains("ann");
      }
      var forged = bearer.replace("Bearer ", "Bearer x");
      assertThat(site.ask("GET", way.substring(4), forged, "")).as(way).contains(" 401 ");
    }
    assertThat(site.metrics.count(dev.millrace.gateway.auth.AuthMetric.VERIFIED)).isEqualTo(4);
  }
}
