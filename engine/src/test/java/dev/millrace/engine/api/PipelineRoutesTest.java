package dev.millrace.engine.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.core.node.Execution;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.pipeline.Checkpoints;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class PipelineRoutesTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aPipelineShowsItsNodesItsEdgesAndWhatHasFlowed() throws Exception {
    engine.source("numbers", new Numbers(100));
    engine.transform("all", new Each((frame, out) -> out.emit(frame)));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"fusion\":\"off\"}", "numbers -> all -> sink");
    var routes = new PipelineRoutes(() -> List.of(pipeline), name -> "config");
    pipeline.start();
    pipeline.awaitEnd();

    var list = body(routes, 0, Map.of());
    assertThat(list.path("pipelines").path(0).path("name").asString()).isEqualTo("p");
    assertThat(list.path("pipelines").path(0).path("state").asString()).isEqualTo("Completed");

    var one = body(routes, 1, Map.of("name", "p"));
    assertThat(one.path("nodes").findValuesAsString("id"))
        .containsExactly("numbers", "all", "sink");
    assertThat(one.path("nodes").findValuesAsString("role"))
        .containsExactly("source", "transform", "sink");
    assertThat(one.path("nodes").path(2).path("frames_in").asLong()).isEqualTo(100);
    for (var node : one.path("nodes")) {
      var about = node.toString();
      assertThat(node.path("state").asString()).as(about).isEqualTo("ended");
      assertThat(Instant.parse(node.path("since").asString()))
          .as(about)
          .isBetween(Instant.now().minusSeconds(60), Instant.now());
      assertThat(node.path("last_error").isNull()).as(about).isTrue();
      assertThat(node.path("busy_pct").asDouble()).as(about).isBetween(0.0, 100.0);
      assertThat(node.path("blocked_pct").asDouble()).as(about).isBetween(0.0, 100.0);
      assertThat(node.path("p99_us").asDouble())
          .as(about)
          .isGreaterThanOrEqualTo(node.path("p50_us").asDouble());
    }
    assertThat(one.path("nodes").path(1).path("p50_us").asDouble()).isPositive();
    assertThat(one.path("edges")).hasSize(2);
    for (var edge : one.path("edges")) {
      assertThat(edge.path("frames").asLong()).as(edge.toString()).isEqualTo(100);
      assertThat(edge.path("fused").asBoolean()).as(edge.toString()).isFalse();
      assertThat(edge.path("capacity").asInt()).as(edge.toString()).isPositive();
    }
  }

  @Test
  void aPipelineWithCheckpointsShowsHowTheyFare(@TempDir Path data) throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.sink("sink", new Collecting());
    var graph = engine.graph("{\"checkpoint\":{\"interval_ms\":2}}", "numbers -> sink");
    var pipeline = engine.keeping(data, graph, Checkpoints.CONTINUE);
    var routes = new PipelineRoutes(() -> List.of(pipeline), name -> "config");
    pipeline.start();
    Await.until("there is one", () -> pipeline.checkpoints().orElseThrow().written() > 0);

    var json = body(routes, 1, Map.of("name", "p")).path("checkpoint");
    assertThat(Instant.parse(json.path("last").asString()))
        .isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThat(json.path("age").asDouble()).isBetween(0.0, 60.0);
    assertThat(json.path("bytes").asLong()).isPositive();
    assertThat(json.path("failed").asLong(-1)).isZero();
  }

  @Test
  void twoEdgesBetweenTwoNodesShowAQueueEach() throws Exception {
    engine.source("numbers", new Numbers(100));
    engine.sink("sink", new Collecting());
    var graph =
        engine.read(
            """
            {"nodes":[{"id":"numbers","type":"numbers"},{"id":"sink","type":"sink"}],
             "connections":[{"from":"numbers","to":"sink","capacity":200},
                            {"from":"numbers","to":"sink","capacity":300}]}
            """);
    var pipeline = engine.pipeline(graph);
    pipeline.start();
    pipeline.awaitEnd();

    var one =
        body(new PipelineRoutes(() -> List.of(pipeline), name -> "config"), 1, Map.of("name", "p"));
    assertThat(one.path("edges").findValues("capacity"))
        .extracting(JsonNode::asInt)
        .containsExactly(200, 300);
  }

  @Test
  void aFusedEdgeCountsWhatItsSenderMade() throws Exception {
    engine.source("numbers", new Numbers(100));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    pipeline.start();
    pipeline.awaitEnd();

    var edge =
        body(new PipelineRoutes(() -> List.of(pipeline), name -> "config"), 1, Map.of("name", "p"))
            .path("edges")
            .path(0);
    assertThat(edge.path("fused").asBoolean()).isTrue();
    assertThat(edge.path("frames").asLong()).isEqualTo(100);
    assertThat(edge.has("capacity")).isFalse();
  }

  @Test
  void theDocumentedExampleNamesWhatIsAnswered() throws Exception {
    engine.source("numbers", new Numbers(1));
    engine.sink("sink", new Collecting(Execution.NATIVE));
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    pipeline.start();
    pipeline.awaitEnd();
    var routes = new PipelineRoutes(() -> List.of(pipeline), name -> "config");

    var answered = body(routes, 1, Map.of("name", "p"));
    var example = String.valueOf(routes.routes().get(1).docs().responseExample());
    var documented = Json.tree(example.getBytes(StandardCharsets.UTF_8));

    assertThat(documented.propertyNames()).hasSameElementsAs(answered.propertyNames());
    for (var list : List.of("nodes", "edges")) {
      assertThat(documented.path(list).path(0).propertyNames())
          .hasSameElementsAs(answered.path(list).path(0).propertyNames());
    }
  }

  @Test
  void anUnknownPipelineIsNotFound() throws Exception {
    var routes = new PipelineRoutes(List::of, name -> "config");
    assertThat(answer(routes, 1, Map.of("name", "nobody")).status()).isEqualTo(404);
    assertThat(body(routes, 0, Map.of()).path("pipelines")).isEmpty();
  }

  private static JsonNode body(PipelineRoutes routes, int route, Map<String, String> parameters)
      throws Exception {
    return Json.tree(answer(routes, route, parameters).body());
  }

  private static Response answer(PipelineRoutes routes, int route, Map<String, String> parameters)
      throws Exception {
    var request =
        new Request(
            "1",
            "GET",
            "/",
            parameters,
            Map.of(),
            Map.of(),
            new byte[0],
            "127.0.0.1",
            Principal.local("127.0.0.1"));
    return routes.routes().get(route).handler().handle(request);
  }
}
