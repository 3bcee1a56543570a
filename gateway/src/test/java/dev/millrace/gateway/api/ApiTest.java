package dev.millrace.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.RouterSpec;
import dev.millrace.gateway.http.Site;
import dev.millrace.gateway.http.StaticFiles;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubLoop;
import dev.millrace.hub.HubSpec;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ApiTest {
  /// Runs the hub's turns when the test says so.
  private static final class HandLoop implements HubLoop {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public synchronized void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public boolean inLoop() {
      return true;
    }

    void run() {
      for (var task = next(); task != null; task = next()) {
        task.run();
      }
    }

    private synchronized @org.jspecify.annotations.Nullable Runnable next() {
      return tasks.poll();
    }
  }

  private final Metrics metrics = new Metrics();
  private final HandLoop loop = new HandLoop();
  private final FakeClock clock = new FakeClock();
  private final Hub hub = new Hub(HubSpec.defaults(), List.of(loop), clock, metrics);
  private volatile boolean healthy = true; // written by tests, read by handlers

  private final Site site =
      new Site(
          metrics,
          RouterSpec.DEFAULT,
          List.of(
              new HealthRoutes(this::report, () -> healthy),
              new StatsRoutes(() -> Json.mapper().createObjectNode().put("answer", 42), metrics),
              new TopicRoutes(hub, TopicAccess.open(), clock),
              StaticFiles.startPage()),
          HealthRoutes.onLoop(),
          List.of(
              new WebSocketEndpoint(
                  "/ws/publish/{topic}",
                  Surface.PUBLISH,
                  Route.Access.PUBLISHER,
                  "One frame in is one event.",
                  OriginPolicy.CONFIGURED,
                  (head, parameters, admission) -> new Upgrade.Refuse(Response.empty(503)))),
          List.of());

  ApiTest() throws Exception {}

  @AfterEach
  void stop() {
    site.close();
  }

  private HealthReport report() {
    return HealthReport.of(
        Map.of(
            "hub",
            new HealthReport.Component(healthy, Json.mapper().createObjectNode().put("lag", 3))));
  }

  private String post(String target, String body) throws IOException {
    return site.ask("POST", target, "", body);
  }

  private static JsonNode json(String answer) {
    return Json.mapper().readTree(Site.body(answer));
  }

  @Test
  void publishesOneOrManyOrRawBytes() throws IOException {
    var one = post("/api/v1/topics/orders%2Feu", "{\"type\":\"a\",\"payload\":{\"x\":1}}");
    assertThat(one).startsWith("HTTP/1.1 202 ").endsWith("{\"accepted\":1}");
    assertThat(
            post(
                "/api/v1/topics/orders%2Feu",
                "[{\"type\":\"a\",\"payload\":1},{\"type\":\"b\",\"payload\":2}]"))
        .endsWith("{\"accepted\":2}");
    assertThat(post("/api/v1/topics/orders%2Feu?raw=1", "[1,2,3]")).endsWith("{\"accepted\":1}");
    loop.run();
    var topic = json(site.get("/api/v1/topics")).at("/topics/0");
    assertThat(topic.get("name").asString()).isEqualTo("orders/eu");
    assertThat(topic.get("messages").asLong()).isEqualTo(4);
    assertThat(look("/api/v1/topics/none")).startsWith("HTTP/1.1 404 ");
  }

  @Test
  void aTopicIsShownCloselyWithWhatHappenedSinceTheLastLook() throws IOException {
    post("/api/v1/topics/t?raw=1", "[1,2,3]");
    loop.run();
    var first = json(look("/api/v1/topics/t"));
    assertThat(first.path("messages_per_sec").isNull()).isTrue();
    assertThat(first.path("lanes").isArray()).isTrue();
    assertThat(first.path("kept_bytes").asInt(9)).isZero();
    post("/api/v1/topics/t", "[{\"type\":\"a\",\"payload\":12},{\"type\":\"a\",\"payload\":3}]");
    loop.run();
    clock.advance(Duration.ofSeconds(2));
    var second = json(look("/api/v1/topics/t"));
    assertThat(second.path("messages").asInt()).isEqualTo(3);
    assertThat(second.path("messages_per_sec").asDouble()).isEqualTo(1);
    assertThat(second.path("bytes_per_sec").asDouble()).isEqualTo(1.5);
  }

  /// Asks what only the loop can answer.
  private String look(String target) {
    var answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return site.get(target);
              } catch (IOException failure) {
                throw new java.io.UncheckedIOException(failure);
              }
            });
    Await.until(
        "it is answered",
        () -> {
          loop.run();
          return answer.isDone();
        });
    return answer.join();
  }

  @Test
  void refusesBadEventsWithThePlace() throws IOException {
    var bad =
        post("/api/v1/topics/t", "[{\"type\":\"a\",\"payload\":1},{\"type\":2,\"payload\":1}]");
    assertThat(bad).startsWith("HTTP/1.1 400 ");
    assertThat(json(bad).at("/error/details/at").asString()).isEqualTo("/1/type");
    assertThat(json(bad).at("/request_id").asString()).isNotBlank();
    assertThat(post("/api/v1/topics/t?raw=1", "{broken")).startsWith("HTTP/1.1 400 ");
    var name = post("/api/v1/topics/" + "a*", "{\"type\":\"a\",\"payload\":1}");
    assertThat(json(name).at("/error/code").asString()).isEqualTo("BAD_TOPIC");
    assertThat(post("/api/v1/topics/t?raw=1&type=" + "x".repeat(300), "1")).contains("BAD_EVENT");
  }

  @Test
  void refusesWhatIsTooLargeForTheWireAndWhatDoesNotFitNow() throws IOException {
    var large = "\"" + "x".repeat(1 << 20) + "\"";
    assertThat(post("/api/v1/topics/t?raw=1", large))
        .startsWith("HTTP/1.1 413 ")
        .contains("MESSAGE_TOO_LARGE");
    var many =
        "[" + "{\"type\":\"a\",\"payload\":1},".repeat(40_000) + "{\"type\":\"a\",\"payload\":1}]";
    assertThat(post("/api/v1/topics/t", many)).startsWith("HTTP/1.1 202 ");
    assertThat(post("/api/v1/topics/t", many))
        .startsWith("HTTP/1.1 503 ")
        .contains("Retry-After: 1\r\n");
    loop.run();
    assertThat(post("/api/v1/topics/t", many)).startsWith("HTTP/1.1 202 ");
    hub.close();
    assertThat(post("/api/v1/topics/t?raw=1", "1")).startsWith("HTTP/1.1 503 ").contains("CLOSED");
  }

  @Test
  void tellsHealthReadinessAndNumbers() throws IOException {
    assertThat(json(site.get("/health")).toString())
        .isEqualTo(
            "{\"status\":\"healthy\",\"data\":{\"healthy\":true,\"components\":{\"hub\":{\"healthy\":true,\"lag\":3}}}}");
    assertThat(site.get("/ready")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
    assertThat(site.get("/stats")).endsWith("{\"status\":\"success\",\"data\":{\"answer\":42}}");
    assertThat(site.get("/api/v1/metrics"))
        .contains("version=0.0.4")
        .contains("millrace_net_connections_open 1");
    healthy = false;
    assertThat(site.get("/api/v1/health"))
        .startsWith("HTTP/1.1 503 ")
        .contains("\"status\":\"unhealthy\"");
    assertThat(site.get("/readyz")).startsWith("HTTP/1.1 503 ");
    assertThat(site.get("/healthz")).startsWith("HTTP/1.1 200 ");
    assertThat(site.get("/livez")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void servesTheStartPageWithAStrictPolicyAndTags() throws IOException {
    var page = site.get("/");
    assertThat(page)
        .startsWith("HTTP/1.1 200 ")
        .contains("Content-Type: text/html; charset=utf-8")
        .contains("Content-Security-Policy: default-src 'self';")
        .contains("X-Content-Type-Options: nosniff")
        .doesNotContain("<style")
        .doesNotContain("onclick");
    int at = page.indexOf("ETag: ") + 6;
    var tag = page.substring(at, page.indexOf('\r', at));
    assertThat(site.ask("GET", "/", "If-None-Match: " + tag + "\r\n", ""))
        .startsWith("HTTP/1.1 304 ")
        .endsWith("\r\n\r\n");
    for (var asset : new String[] {"/assets/start.css", "/assets/start.js"}) {
      assertThat(page).contains("\"" + asset + "\"");
      assertThat(site.get(asset)).startsWith("HTTP/1.1 200 ");
    }
    assertThat(site.get("/assets/..%2Findex.html")).startsWith("HTTP/1.1 404 ");
  }

  @Test
  void everyRouteIsDocumentedWithAnExample() {
    assertThat(site.router.routes())
        .hasSizeGreaterThan(15)
        .allSatisfy(
            route -> {
              assertThat(route.docs().summary()).as(route.path()).endsWith(".");
              assertThat(
                      route.docs().responseExample() != null || route.path().startsWith("/ready"))
                  .as("an example for " + route.path())
                  .isTrue();
              assertThat(route.method().equals("POST"))
                  .isEqualTo(route.docs().requestExample() != null);
            });
  }

  @Test
  void theOpenApiDocumentDescribesTheWholeTable() throws IOException {
    var document = json(site.get("/openapi.json"));
    assertThat(document.get("openapi").asString()).isEqualTo("3.1.0");
    assertThat(document.at("/info/title").asString()).isNotBlank();
    for (var route : site.router.routes()) {
      var operation =
          document
              .get("paths")
              .path(route.path())
              .path(route.method().toLowerCase(java.util.Locale.ROOT));
      assertThat(operation.path("summary").asString()).as(route.path()).isNotBlank();
      assertThat(operation.path("responses").isEmpty()).as(route.path()).isFalse();
      for (var failure : route.docs().failures()) {
        var described = operation.get("responses").get(Integer.toString(failure.status()));
        assertThat(described.get("description").asString()).contains(failure.code());
        if (!failure.code().isEmpty()) {
          assertThat(described.at("/content/application~1json/schema/$ref").asString())
              .isEqualTo("#/components/schemas/Failure");
          assertThat(described.at("/content/application~1json/example/error/code").isString())
              .isTrue();
        }
      }
      for (int from = route.path().indexOf('{');
          from >= 0;
          from = route.path().indexOf('{', from + 1)) {
        var name = route.path().substring(from + 1, route.path().indexOf('}', from));
        assertThat(operation.get("parameters").toString())
            .contains("\"name\":\"" + name + "\",\"in\":\"path\"");
      }
    }
    assertThat(document.at("/components/schemas/Failure/required/0").asString()).isEqualTo("error");
    var socket = document.get("paths").get("/ws/publish/{topic}").get("get");
    assertThat(socket.get("responses").has("101")).isTrue();
    assertThat(
            document
                .at(
                    "/paths/~1api~1v1~1topics~1{topic}/post/requestBody/content/application~1json/example/type")
                .asString())
        .isEqualTo("hello");
  }

  /// The rules of OpenAPI 3.1 that tools stumble over.
  @Test
  void theOpenApiDocumentIsSoundInItself() throws IOException {
    var document = json(site.get("/openapi.json"));
    assertThat(document.at("/info/version").isString()).isTrue();
    document
        .findValues("$ref")
        .forEach(
            reference ->
                assertThat(document.at(reference.asString().substring(1)).isMissingNode())
                    .as(reference.asString())
                    .isFalse());
    for (var path : document.get("paths").properties()) {
      assertThat(path.getKey()).startsWith("/");
      for (var operation : path.getValue().properties()) {
        soundOperation(document, path.getKey(), operation.getKey(), operation.getValue());
      }
    }
  }

  private static void soundOperation(
      JsonNode document, String path, String method, JsonNode operation) {
    var where = method + " " + path;
    assertThat(method).as(where).isIn("get", "post", "put", "delete", "patch");
    assertThat(operation.path("x-surface").isString()).as(where).isTrue();
    assertThat(operation.path("x-role").isString()).as(where).isTrue();
    var inPath = new java.util.TreeSet<String>();
    var all = new java.util.HashSet<String>();
    for (var parameter : operation.get("parameters")) {
      var name = parameter.path("name").asString();
      assertThat(all.add(parameter.path("in").asString() + name)).as(where + name).isTrue();
      assertThat(parameter.path("schema").path("type").isString()).as(where + name).isTrue();
      if (parameter.path("in").asString().equals("path")) {
        assertThat(parameter.path("required").asBoolean(false)).as(where + name).isTrue();
        inPath.add("{" + name + "}");
      }
    }
    var templates =
        java.util.Arrays.stream(path.split("/"))
            .filter(part -> part.startsWith("{"))
            .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));
    assertThat(inPath).as(where).isEqualTo(templates);
    for (var scheme : operation.get("security")) {
      for (var name : scheme.propertyNames()) {
        assertThat(document.at("/components/securitySchemes/" + name).isObject()).isTrue();
      }
    }
    var responses = operation.get("responses");
    assertThat(responses.size()).as(where).isPositive();
    for (var response : responses.properties()) {
      assertThat(response.getKey()).as(where).matches("[1-5](\\d\\d|XX)");
      var said = response.getValue();
      assertThat(said.has("$ref") || said.path("description").isString()).as(where).isTrue();
      for (var media : said.path("content").properties()) {
        assertThat(media.getKey()).as(where).contains("/");
        assertThat(media.getValue().has("schema")).as(where).isTrue();
        assertThat(media.getValue().has("example")).as(where).isTrue();
      }
    }
    boolean asks = operation.get("security").size() > 0;
    assertThat(responses.has("401")).as(where).isEqualTo(asks);
    if (operation.has("requestBody")) {
      for (var media : operation.get("requestBody").get("content").properties()) {
        assertThat(media.getValue().has("schema")).as(where).isTrue();
      }
      assertThat(responses.has("413")).as(where).isTrue();
    }
  }

  @Test
  void whoAsksAndWhoIsAskedIsInTheDocument() throws IOException {
    var paths = json(site.get("/openapi.json")).get("paths");
    var publish = paths.get("/api/v1/topics/{topic}").get("post");
    assertThat(publish.path("x-surface").asString()).isEqualTo("publish");
    assertThat(publish.path("x-role").asString()).isEqualTo("publisher");
    assertThat(publish.at("/security").toString()).isEqualTo("[{\"bearer\":[]},{\"cookie\":[]}]");
    assertThat(
            publish.at("/requestBody/content/application~1json/schema/properties/type").toString())
        .isEqualTo("{\"type\":\"string\"}");
    assertThat(paths.get("/ready").get("get").get("security").toString()).isEqualTo("[]");
    assertThat(paths.get("/metrics").get("get").get("security").toString())
        .isEqualTo("[{},{\"bearer\":[]},{\"cookie\":[]}]");
    assertThat(paths.get("/health").get("get").at("/responses/503/content").toString())
        .contains("components");
    assertThat(paths.get("/").get("get").get("responses").has("304")).isTrue();
    assertThat(paths.get("/ws/publish/{topic}").get("get").get("responses").has("426")).isTrue();
  }

  @Test
  void withAuthenticationOnlyProbesAndMetricsOnLoopbackAreOpen() throws IOException {
    site.access.apply(
        dev.millrace.gateway.auth.TestTokens.policy(
            "auth.jwt.secret=" + dev.millrace.gateway.auth.TestTokens.SECRET));
    for (var open : List.of("/healthz", "/livez", "/ready", "/metrics", "/", "/openapi.json")) {
      assertThat(site.get(open)).as(open).startsWith("HTTP/1.1 200 ");
    }
    for (var closed : List.of("/health", "/stats", "/api/v1/topics", "/api/v1/topics/t")) {
      assertThat(site.get(closed)).as(closed).startsWith("HTTP/1.1 401 ");
    }
    assertThat(post("/api/v1/topics/t", "{\"type\":\"a\",\"payload\":1}"))
        .startsWith("HTTP/1.1 401 ");
  }
}
