package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.net.websocket.Upgrade;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class RouterTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private static final RouterSpec SPEC = new RouterSpec(1, Duration.ofSeconds(30), 0);

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
  @TempDir private Path folder;
  private volatile Path lateFile = Path.of(".");
  private final ConcurrentLinkedQueue<String> threads = new ConcurrentLinkedQueue<>();

  private final Site site =
      new Site(
          SPEC,
          List.of((RouteContribution) this::routes),
          List.of(route("GET", "/live", request -> note(Response.text(200, "alive")))),
          List.of(
              endpoint("/socket/{name}", OriginPolicy.CONFIGURED),
              endpoint("/public", OriginPolicy.ANY)),
          List.of("https://console.example"));

  RouterTest() throws Exception {}

  @AfterEach
  void stop() {
    leave.countDown();
    site.close();
  }

  private List<Route> routes() {
    return List.of(
        route(
            "GET",
            "/things/{id}",
            request -> note(Response.text(200, "thing " + request.parameter("id")))),
        route("GET", "/things/fixed", request -> Response.text(200, "fixed")),
        route("POST", "/things", request -> Response.text(200, "posted " + request.body().length)),
        route("DELETE", "/things", request -> Response.empty(204)),
        route("GET", "/who", request -> Response.text(200, request.id())),
        route(
            "GET",
            "/broken",
            request -> {
              throw new IllegalStateException("the secret inside");
            }),
        route(
            "GET",
            "/late-file",
            request -> {
              entered.countDown();
              boolean interrupted = false;
              while (leave.getCount() > 0) { // it does not hear that it is too late
                interrupted |= Thread.interrupted();
                Thread.onSpinWait();
              }
              assertThat(interrupted).isTrue();
              return Response.temporaryFile("text/plain", lateFile);
            }),
        route(
            "GET",
            "/slow",
            request -> {
              entered.countDown();
              try {
                assertThat(leave.await(20, TimeUnit.SECONDS)).isTrue();
                return Response.text(200, "slow");
              } catch (InterruptedException stopped) {
                interrupted.complete(true);
                throw stopped;
              }
            }));
  }

  private Response note(Response response) {
    threads.add(Thread.currentThread().getName());
    return response;
  }

  private static Route route(String method, String path, Route.Handler handler) {
    return new Route(method, path, Route.Access.PUBLIC, Route.Docs.of("For a test."), handler);
  }

  private static WebSocketEndpoint endpoint(String path, OriginPolicy origins) {
    return new WebSocketEndpoint(
        path,
        Surface.WSE,
        Route.Access.CLIENT,
        "For a test.",
        origins,
        (head, parameters, admission) ->
            switch (admission) {
              case Admission.Rejected rejected -> rejected.asRefusal();
              case Admission.Admitted(var _, var _) ->
                  new Upgrade.Refuse(Response.failure(418, "REACHED", "with " + parameters));
            });
  }

  @Test
  void prefersExactPathsAndDecodesParameters() throws IOException {
    assertThat(site.get("/things/a%2Fb%20c")).startsWith("HTTP/1.1 200 ").endsWith("thing a/b c");
    assertThat(site.get("/things/fixed")).endsWith("fixed");
    assertThat(site.ask("POST", "/things", "", "12345")).endsWith("posted 5");
    assertThat(threads).allSatisfy(name -> assertThat(name).startsWith("millrace-request-"));
  }

  @Test
  void saysWhatIsWrongInOneShape() throws IOException {
    var missing = site.ask("GET", "/nothing", "X-Request-Id: abc-1\r\n", "");
    assertThat(missing).startsWith("HTTP/1.1 404 ").contains("X-Request-Id: abc-1\r\n");
    assertThat(failure(missing).at("/error/code").asString()).isEqualTo("NOT_FOUND");
    assertThat(failure(missing).at("/error/details").isObject()).isTrue();
    assertThat(failure(missing).at("/request_id").asString()).isEqualTo("abc-1");

    var wrongMethod = site.ask("GET", "/things", "", "");
    assertThat(wrongMethod)
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: DELETE, OPTIONS, POST\r\n");
    assertThat(site.ask("PUT", "/things/1", "", "")).contains("Allow: GET, HEAD, OPTIONS\r\n");

    var broken = site.get("/broken");
    assertThat(broken).startsWith("HTTP/1.1 500 ").doesNotContain("secret");
    assertThat(failure(broken).at("/request_id").asString()).hasSize(32);
    assertThat(site.metrics.count(HttpMetric.HANDLER_FAILURES)).isEqualTo(1);

    var garbage = site.askBare("GET", "/", "", "");
    assertThat(garbage).startsWith("HTTP/1.1 400 ");
    assertThat(failure(garbage).at("/request_id").asString()).hasSize(32);
  }

  private static JsonNode failure(String answer) {
    return Json.mapper().readTree(Site.body(answer));
  }

  @Test
  void answersHeadLikeGetWithoutTheBody() throws IOException {
    assertThat(site.ask("HEAD", "/things/fixed", "", ""))
        .startsWith("HTTP/1.1 200 ")
        .contains("Content-Length: 5\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void keepsTheClientsRequestIdAndReplacesOneThatIsNotSane() throws IOException {
    assertThat(site.ask("GET", "/who", "X-Request-Id: my:id/1\r\n", ""))
        .endsWith("\r\n\r\nmy:id/1");
    assertThat(site.ask("GET", "/who", "X-Request-Id: a b\u00ff\r\n", "")).doesNotContain("a b");
    assertThat(site.ask("GET", "/who", "X-Request-Id: " + "a".repeat(129) + "\r\n", ""))
        .doesNotContain("aaaa");
  }

  @Test
  void refusesRequestsBeyondTheLimitButStaysAlive() throws Exception {
    var slow = CompletableFuture.supplyAsync(() -> unchecked("/slow"));
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(site.get("/things/1")).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1\r\n");
    assertThat(site.get("/live")).startsWith("HTTP/1.1 200 ").endsWith("alive");
    assertThat(threads).containsExactly("millrace-loop-0");
    leave.countDown();
    assertThat(slow.get(10, TimeUnit.SECONDS)).endsWith("slow");
    assertThat(site.metrics.count(HttpMetric.REFUSED_BUSY)).isEqualTo(1);
  }

  @Test
  void answers504AndInterruptsAHandlerThatTakesTooLong() throws Exception {
    var slow = CompletableFuture.supplyAsync(() -> unchecked("/slow"));
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    site.clock.advance(Duration.ofSeconds(31));
    assertThat(slow.get(10, TimeUnit.SECONDS)).startsWith("HTTP/1.1 504 ");
    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(site.metrics.count(HttpMetric.TIMEOUTS)).isEqualTo(1);
  }

  @Test
  void aFileThatComesTooLateIsDeleted() throws Exception {
    lateFile = Files.writeString(folder.resolve("late"), "nobody waits any more");
    var late = CompletableFuture.supplyAsync(() -> unchecked("/late-file"));
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    site.clock.advance(Duration.ofSeconds(31));
    assertThat(late.get(10, TimeUnit.SECONDS)).startsWith("HTTP/1.1 504 ");
    assertThat(lateFile).exists();
    leave.countDown();
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (Files.exists(lateFile) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(lateFile).doesNotExist();
  }

  private String unchecked(String target) {
    try {
      return site.get(target);
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  @Test
  void letsOnlyItsOwnAndTheAllowedPagesWrite() throws IOException {
    assertThat(post("")).startsWith("HTTP/1.1 200 ");
    assertThat(post("Origin: http://127.0.0.1:" + site.port() + "\r\n"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(post("Origin: https://console.example\r\n")).startsWith("HTTP/1.1 200 ");
    assertThat(post("Origin: https://evil.example\r\n"))
        .startsWith("HTTP/1.1 403 ")
        .contains("server.allowed_origins");
    assertThat(post("Origin: null\r\n")).startsWith("HTTP/1.1 403 ");
    assertThat(site.metrics.count(HttpMetric.REFUSED_ORIGIN)).isEqualTo(2);
  }

  private String post(String headers) throws IOException {
    return site.ask("POST", "/things", headers, "x");
  }

  @Test
  void refusesNamesThatWereReboundToLoopbackButNeverTheLivenessProbe() throws IOException {
    assertThat(site.askBare("GET", "/things/1", "Host: rebound.example\r\n", ""))
        .startsWith("HTTP/1.1 403 ");
    assertThat(site.askBare("GET", "/things/1", "Host: localhost:1\r\n", ""))
        .startsWith("HTTP/1.1 200 ");
    assertThat(site.askBare("GET", "/live", "Host: rebound.example\r\n", ""))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void looksAtTheOriginOfHandshakesAsTheEndpointAsks() throws IOException {
    assertThat(handshake("/socket/a%20b", "")).startsWith("HTTP/1.1 418 ").contains("{name=a b}");
    assertThat(handshake("/socket/x", "Origin: https://evil.example\r\n"))
        .startsWith("HTTP/1.1 403 ");
    assertThat(handshake("/public", "Origin: https://evil.example\r\n"))
        .startsWith("HTTP/1.1 418 ");
    assertThat(handshake("/elsewhere", "")).startsWith("HTTP/1.1 404 ");
    assertThat(handshake("/things/1", "")).startsWith("HTTP/1.1 404 ");
    assertThat(site.get("/public")).startsWith("HTTP/1.1 426 ").contains("Upgrade: websocket\r\n");
  }

  private String handshake(String path, String headers) throws IOException {
    return site.ask(
        "GET",
        path,
        headers
            + "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: "
            + KEY
            + "\r\n",
        "");
  }

  @Test
  void twoClaimsToOnePathAreAProgrammersError() {
    var one = route("GET", "/x", request -> Response.empty(200));
    assertThatThrownBy(() -> new RouteTable(List.of(one, one), List.of(), List.of()))
        .hasMessageContaining("two routes for GET /x");
    var socket = endpoint("/x", OriginPolicy.ANY);
    assertThatThrownBy(() -> new RouteTable(List.of(), List.of(), List.of(socket, socket)))
        .hasMessageContaining("two WebSocket endpoints at /x");
    assertThatThrownBy(() -> new PathPattern("x")).hasMessageContaining("slash");
  }
}
