package dev.millrace.engine.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.BodyStream;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.engine.fixture.Clicks;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.tap.TapHub;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// The lines of a tap over HTTP.
@Timeout(60)
class TapStreamTest {
  private final EngineFixture engine = new EngineFixture();

  // What is found under the name, and whether something else is about to be.
  private final AtomicReference<Pipeline> current = new AtomicReference<>();
  private volatile boolean replaced;

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void theFirstLineSaysWhatIsWatchedAndTheLastWhyItEnded() throws Exception {
    var pipeline = clicking();
    var lines = lines(stream(pipeline, Map.of("edge", "cl*->keep", "limit", "2")), pipeline, 2);
    assertThat(lines.getFirst()).isEqualTo(json("{\"places\":[\"clicks->keep\"]}"));
    var frame = lines.get(1);
    assertThat(frame.path("place").asString()).isEqualTo("clicks->keep");
    assertThat(frame.path("time").asLong()).isGreaterThan(1_700_000_000_000_000L);
    assertThat(frame.path("frame").path("sequence_id").asLong()).isEqualTo(1);
    assertThat(lines.getLast()).isEqualTo(json("{\"end\":\"limit\",\"frames\":2,\"dropped\":0}"));
    assertThat(lines).hasSize(4);
  }

  @Test
  void itEndsWhenItsTimeIsOverAlsoWithoutAnyFrame() throws Exception {
    var lines = all(stream(clicking(), Map.of("node", "clicks", "for", "30ms")));
    assertThat(lines.getLast()).isEqualTo(json("{\"end\":\"time\",\"frames\":0,\"dropped\":0}"));
  }

  @Test
  void itEndsWithThePipelineAfterEveryFrame() throws Exception {
    engine.source("numbers", new Numbers(300));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    var stream = stream(pipeline, Map.of());
    pipeline.start();
    pipeline.awaitEnd();
    var lines = all(stream);
    assertThat(sequences(lines)).isEqualTo(LongStream.rangeClosed(1, 300).boxed().toList());
    assertThat(lines.getLast())
        .isEqualTo(json("{\"end\":\"pipeline\",\"frames\":300,\"dropped\":0}"));
    assertThat(all(stream(pipeline, Map.of())).getLast().path("end").asString())
        .as("opened after the end")
        .isEqualTo("pipeline");
  }

  @Test
  void whatDoesNotFitIsSaidWhereItIsMissingAndAtTheEnd() throws Exception {
    engine.source("numbers", new Numbers(50_000));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    var stream = stream(pipeline, Map.of());
    pipeline.start();
    pipeline.awaitEnd();
    var lines = all(stream);
    var last = lines.getLast();
    assertThat(last.path("frames").asLong()).isEqualTo(1_024);
    assertThat(last.path("dropped").asLong()).isEqualTo(50_000 - 1_024);
  }

  @Test
  void largeFramesThatWaitAreBoundedByTheirBytes() throws Exception {
    engine.source("numbers", new Numbers(1_000));
    var mebibyte = new Body.Text("x".repeat(1 << 20));
    engine.transform("large", new Each((frame, out) -> out.emit(frame.withBody(mebibyte))));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> large -> sink");
    try (var stream = stream(pipeline, Map.of("node", "large"))) {
      pipeline.start();
      pipeline.awaitEnd();
      var lines = all(stream);
      assertThat(lines.getLast().path("frames").asLong()).isEqualTo(4);
      assertThat(lines.getLast().path("dropped").asLong()).isEqualTo(996);
    }
  }

  @Test
  void sharesAreSampledInNumberOrInTime() throws Exception {
    engine.source("numbers", new Numbers(100));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    var tenth = stream(pipeline, Map.of("sample", "10"));
    var one = stream(pipeline, Map.of("sample", "1/s"));
    pipeline.start();
    pipeline.awaitEnd();
    assertThat(sequences(all(tenth)))
        .containsExactly(1L, 11L, 21L, 31L, 41L, 51L, 61L, 71L, 81L, 91L);
    assertThat(sequences(all(one))).containsExactly(1L);
  }

  @Test
  void whoeverClosesItEndsTheWaitWithALastLine() throws Exception {
    var pipeline = clicking();
    pipeline.start();
    var stream = stream(pipeline, Map.of());
    assertThat(stream.next()).isNotNull();
    var lines = new ArrayList<JsonNode>();
    var reader = Thread.startVirtualThread(() -> lines.addAll(all(stream)));
    Await.until("it waits", () -> reader.getState() == Thread.State.WAITING);
    stream.close();
    reader.join();
    assertThat(lines).containsExactly(json("{\"end\":\"closed\",\"frames\":0,\"dropped\":0}"));
    assertThat(stream.next()).isNull();
    stream.close();
  }

  @Test
  void aRunThatIsReplacedIsFollowedByTheOneInItsPlace() throws Exception {
    engine.source("clicks", new Clicks(3, true));
    engine.source("more", new Clicks(4, true));
    engine.sink("keep", new Collecting());
    var first = engine.named("p", engine.graph("{}", "clicks -> keep"));
    var stream = stream(first, Map.of("limit", "5"));
    replaced = true;
    first.start();
    first.awaitEnd();
    var lines = new ArrayList<JsonNode>();
    var reader = Thread.startVirtualThread(() -> lines.addAll(all(stream)));
    Await.until("it waits for another run", () -> reader.getState() == Thread.State.TIMED_WAITING);
    engine.sink("keep2", new Collecting());
    var second = engine.named("p", engine.graph("{}", "more -> keep2"));
    current.set(second);
    Await.until("it looks at it", () -> reader.getState() == Thread.State.WAITING);
    second.start();
    reader.join();
    assertThat(sequences(lines)).containsExactly(1L, 2L, 3L, 1L, 2L);
    assertThat(lines.getLast()).isEqualTo(json("{\"end\":\"limit\",\"frames\":5,\"dropped\":0}"));
  }

  @Test
  void whatIsWatchedIsSaidAgainWhenTheGraphChanges() throws Exception {
    engine.source("clicks", new Clicks(0, false));
    engine.transforms("pass", Each::passing);
    engine.sink("keep", new Collecting());
    var pipeline = engine.pipeline("{}", "clicks -> keep");
    pipeline.start();
    try (var stream = stream(pipeline, Map.of("edge", "clicks->*"))) {
      assertThat(text(stream.next())).isEqualTo("{\"places\":[\"clicks->keep\"]}\n");
      pipeline.apply(engine.graph("{}", "clicks -> pass -> keep"));
      assertThat(text(stream.next())).isEqualTo("{\"places\":[\"clicks->pass\"]}\n");
      pipeline.trigger(Frame.trigger(0, 9));
      assertThat(text(stream.next())).contains("clicks->pass", "\"sequence_id\":9");
    }
  }

  @Test
  void aBodyOfJsonOverManyLinesIsOneLine() throws Exception {
    engine.source("clicks", new Clicks(0, false));
    engine.sink("keep", new Collecting());
    var pipeline = engine.pipeline("{}", "clicks -> keep");
    pipeline.start();
    try (var stream = stream(pipeline, Map.of("node", "clicks"))) {
      assertThat(stream.next()).isNotNull();
      pipeline.trigger(Frame.json(0, 1, "{\r\n  \"a\": \"x\\ny\"\n}"));
      pipeline.trigger(new Frame(0, 2, new Body.Text("half \ud800"), Metadata.NONE));
      var frames = new ArrayList<JsonNode>();
      while (frames.size() < 2) {
        text(stream.next()).lines().forEach(line -> frames.add(json(line)));
      }
      assertThat(frames.getFirst().at("/frame/json/a").asString()).isEqualTo("x\ny");
    }
  }

  @Test
  void onlySoManyAreOpenOnOnePipeline() throws Exception {
    var pipeline = clicking();
    var open = new ArrayList<BodyStream>();
    for (int i = 0; i < TapHub.MAX_TAPS; i++) {
      open.add(stream(pipeline, Map.of()));
    }
    assertThat(answer(pipeline, Map.of()).status()).isEqualTo(503);
    open.getFirst().close();
    Await.until("there is room for another", () -> opens(pipeline));
  }

  @Test
  void whatATapCannotBeAskedIsRefusedByName() throws Exception {
    var wrong =
        Map.of(
            "sample", List.of("0", "x", "1/m", "-1", "9999999999"),
            "limit", List.of("0", "x", "1.5"),
            "for", List.of("soon", "0s", "-1s"),
            "edge", List.of("a->", "a", ""),
            "node", List.of("a->b", ""),
            "pattern", List.of("->", ""));
    var pipeline = clicking();
    for (var field : wrong.entrySet()) {
      for (var value : field.getValue()) {
        var answer = answer(pipeline, Map.of(field.getKey(), value));
        assertThat(answer.status()).as(field.getKey() + "=" + value).isEqualTo(422);
        assertThat(Json.tree(answer.body()).at("/error/details/field").asString())
            .isEqualTo(field.getKey());
      }
    }
    assertThat(answer(pipeline, Map.of("edge", "a->b", "node", "a")).status()).isEqualTo(422);
  }

  private Pipeline clicking() {
    engine.source("clicks", new Clicks(0, false));
    engine.sink("keep", new Collecting());
    return engine.pipeline("{}", "clicks -> keep");
  }

  /// Everything there is to read after so many triggers.
  private List<JsonNode> lines(BodyStream stream, Pipeline pipeline, int triggers)
      throws Exception {
    pipeline.start();
    for (int i = 1; i <= triggers; i++) {
      pipeline.trigger(Frame.trigger(0, i));
    }
    return all(stream);
  }

  private boolean opens(Pipeline pipeline) {
    try {
      return answer(pipeline, Map.of()).status() == 200;
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
  }

  private static List<JsonNode> all(BodyStream stream) {
    var lines = new ArrayList<JsonNode>();
    try (stream) {
      for (var part = stream.next(); part != null; part = stream.next()) {
        text(part).lines().forEach(line -> lines.add(json(line)));
      }
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
    return lines;
  }

  private static List<Long> sequences(List<JsonNode> lines) {
    return lines.stream()
        .filter(line -> line.has("frame"))
        .map(line -> line.path("frame").path("sequence_id").asLong())
        .toList();
  }

  private static JsonNode json(String line) {
    return Json.tree(line.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte @org.jspecify.annotations.Nullable [] part) {
    return part == null ? "" : new String(part, StandardCharsets.UTF_8);
  }

  private BodyStream stream(Pipeline pipeline, Map<String, String> query) throws Exception {
    var answer = answer(pipeline, query);
    assertThat(answer.contentType()).isEqualTo("application/x-ndjson");
    return ((Response.Source.Live) java.util.Objects.requireNonNull(answer.source())).stream();
  }

  private Response answer(Pipeline pipeline, Map<String, String> query) throws Exception {
    current.set(pipeline);
    var queries = new HashMap<String, List<String>>();
    query.forEach((key, value) -> queries.put(key, List.of(value)));
    var request =
        new Request(
            "1",
            "GET",
            "/",
            Map.of("name", "p"),
            queries,
            Map.of(),
            new byte[0],
            "127.0.0.1",
            Principal.local("127.0.0.1"));
    return new ReadingRoutes(_ -> Optional.ofNullable(current.get()), _ -> replaced, engine.clock)
        .routes().stream()
            .filter(route -> route.path().endsWith("/tap"))
            .findFirst()
            .orElseThrow()
            .handler()
            .handle(request);
  }
}
