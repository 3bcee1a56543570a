package dev.millrace.engine.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.FakeClock;
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
  void theNewestKeptFramesMayBeAskedForAlone() throws Exception {
    var pipeline = clicks();
    pipeline.start();
    for (int i = 0; i < 5; i++) {
      pipeline.trigger(Frame.trigger(i, i));
    }
    pipeline.drain(Duration.ofSeconds(10));
    var all = frames(pipeline);
    assertThat(all).hasSize(5);
    assertThat(newest(pipeline, "2")).isEqualTo(all.subList(3, 5));
    assertThat(newest(pipeline, "100")).isEqualTo(all);
    for (var odd : List.of("0", "-1", "x", "99999999999")) {
      var query = Map.of("limit", odd);
      assertThat(answer(pipeline, "collect/{node}", Map.of("node", "keep"), query).status())
          .as(odd)
          .isEqualTo(422);
    }
  }

  @Test
  void whatBecameOfATracedFrameCanBeRead() throws Exception {
    var pipeline = clicks();
    pipeline.start();
    for (var trace : List.of("t1", "t2")) {
      var metadata = Frame.trigger(5, 1).metadata().with("trace_id", trace);
      pipeline.trigger(Frame.trigger(5, 1).withMetadata(metadata));
    }
    pipeline.drain(Duration.ofSeconds(10));

    var answer = answer(pipeline, "provenance", Map.of(), Map.of("trace", "t1"));
    var events = Json.tree(answer.body()).path("events");
    assertThat(events.findValuesAsString("kind")).containsExactly("created", "delivered");
    assertThat(events.findValuesAsString("node")).containsExactly("clicks", "keep");
    var last = answer(pipeline, "provenance", Map.of(), Map.of("limit", "1"));
    assertThat(Json.tree(last.body()).path("events").size()).isEqualTo(1);
    for (var limit : List.of("0", "4097", "all")) {
      var wrong = answer(pipeline, "provenance", Map.of(), Map.of("limit", limit));
      assertThat(wrong.status()).isEqualTo(422);
    }
  }

  @Test
  void anAnswerThatWouldBeTooLongIsRefused() {
    var frames = java.util.Collections.nCopies(1_000, Frame.trigger(1, 2));
    assertThat(CollectReading.answer(frames, 1 << 20).status()).isEqualTo(200);
    assertThat(CollectReading.answer(frames, 20_000).status()).isEqualTo(413);
  }

  private Pipeline clicks() {
    engine.source("clicks", new Clicks(0, false));
    engine.sink("keep", new Keeping());
    return engine.pipeline("{}", "clicks -> keep");
  }

  private static List<String> frames(Pipeline pipeline) throws Exception {
    return sequences(answer(pipeline, "collect/{node}", Map.of("node", "keep"), Map.of()));
  }

  private static List<String> newest(Pipeline pipeline, String limit) throws Exception {
    var query = Map.of("limit", limit);
    return sequences(answer(pipeline, "collect/{node}", Map.of("node", "keep"), query));
  }

  private static List<String> sequences(Response answer) {
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
    return new ReadingRoutes(_ -> Optional.ofNullable(pipeline), _ -> false, new FakeClock())
        .routes().stream()
            .filter(route -> route.path().equals("/api/v1/pipelines/{name}/" + path))
            .findFirst()
            .orElseThrow()
            .handler()
            .handle(request);
  }
}
