package dev.millrace.engine.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.engine.fixture.Clicks;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Keeping;
import dev.millrace.engine.pipeline.Pipeline;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadingRoutesTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void whatANodeKeepsCanBeReadBeforeDuringAndAfterTheRun() throws Exception {
    var pipeline = clicks();
    assertThat(frames(pipeline)).isEmpty();
    pipeline.start();
    pipeline.trigger(Frame.trigger(5, 1));
    pipeline.trigger(Frame.trigger(6, 2));
    pipeline.drain(Duration.ofSeconds(10));
    assertThat(frames(pipeline)).containsExactly("1", "2");

    assertThat(answer(pipeline, "collect/{node}", Map.of("node", "clicks"), Map.of()).status())
        .isEqualTo(404);
    assertThat(text(answer(pipeline, "report", Map.of(), Map.of())))
        .startsWith("=== Pipeline Metrics ===\n\n[clicks]\n  Frames: 2 frames processed\n");
    var metrics = Json.tree(answer(pipeline, "metrics", Map.of(), Map.of()).body());
    assertThat(metrics.path("keep").path("frames_processed").asLong()).isEqualTo(2);
    var events = Json.tree(answer(pipeline, "events", Map.of(), Map.of()).body()).path("events");
    assertThat(events.findValuesAsString("to"))
        .containsExactly("Initializing", "Running", "Completed");
  }

  @Test
  void aTapAnswersWhenSoManyFramesHaveCome() throws Exception {
    engine.source("clicks", new Clicks(1_000_000, false));
    engine.sink("keep", new dev.millrace.engine.fixture.Collecting());
    var pipeline = engine.pipeline("{}", "clicks -> keep");
    var thread = Thread.startVirtualThread(() -> started(pipeline));
    var query = Map.of("edge", "cl*->keep", "limit", "3", "for", "20s", "every", "10");
    var lines = text(answer(pipeline, "tap", Map.of(), query)).lines().toList();
    thread.join();
    assertThat(lines).hasSize(3);
    var first = Json.tree(lines.getFirst().getBytes(StandardCharsets.UTF_8));
    assertThat(first.path("place").asString()).isEqualTo("clicks->keep");
    assertThat(first.path("frame").path("timestamp").asLong()).isEqualTo(7);
  }

  @Test
  void aTapAnswersWhenItsTimeIsOver() throws Exception {
    var answer = answer(clicks(), "tap", Map.of(), Map.of("for", "1ms"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void whatATapCannotBeAskedIsRefusedByName() throws Exception {
    var wrong = Map.of("every", "0", "limit", "10001", "for", "soon", "edge", "a->");
    var pipeline = clicks();
    for (var one : wrong.entrySet()) {
      var query = new HashMap<>(Map.of("for", "1ms"));
      query.put(one.getKey(), one.getValue());
      var answer = answer(pipeline, "tap", Map.of(), query);
      assertThat(answer.status()).as(one.toString()).isEqualTo(422);
      assertThat(Json.tree(answer.body()).at("/error/details/field").asString())
          .isEqualTo(one.getKey());
    }
    assertThat(answer(null, "tap", Map.of(), Map.of()).status()).isEqualTo(404);
  }

  private Pipeline clicks() {
    engine.source("clicks", new Clicks(0, false));
    engine.sink("keep", new Keeping());
    return engine.pipeline("{}", "clicks -> keep");
  }

  private static void started(Pipeline pipeline) {
    try {
      pipeline.start();
    } catch (dev.millrace.core.problem.ProblemException broken) {
      throw new AssertionError(broken);
    }
  }

  private static List<String> frames(Pipeline pipeline) throws Exception {
    var answer = answer(pipeline, "collect/{node}", Map.of("node", "keep"), Map.of());
    return Json.tree(answer.body()).path("frames").findValuesAsString("sequence_id");
  }

  private static String text(Response response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static Response answer(
      @org.jspecify.annotations.Nullable Pipeline pipeline,
      String path,
      Map<String, String> parameters,
      Map<String, String> query)
      throws Exception {
    var named = new HashMap<>(parameters);
    named.put("name", "p");
    var queries = new HashMap<String, List<String>>();
    query.forEach((key, value) -> queries.put(key, List.of(value)));
    var request =
        new Request(
            "1",
            "GET",
            "/",
            named,
            queries,
            Map.of(),
            new byte[0],
            "127.0.0.1",
            Principal.local("127.0.0.1"));
    return new ReadingRoutes(_ -> Optional.ofNullable(pipeline))
        .routes().stream()
            .filter(route -> route.path().equals("/api/v1/pipelines/{name}/" + path))
            .findFirst()
            .orElseThrow()
            .handler()
            .handle(request);
  }
}
