package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Graphs of a running process change, by its configuration and over HTTP, while frames flow.
class RunningChangeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final double RATE = 48_000;
  private static final int FRAME = 16; // samples

  @TempDir private Path folder;

  /// A sine, made louder, into a file: some thousand frames a second.
  private static String tone(String name, String gain, String more) {
    return """
    - name: NAME
      graph:
        pipeline_config: { drain_timeout: 5s }
        nodes:
          - { id: ticks, type: TriggerSourceNode, config: { interval_ms: 0.2 } }
          - { id: sine, type: SineGenerator, config: { frequency: 440, frame_size: 16 } }
          - { id: gain, type: Gain, config: { GAIN } }
          - { id: newest, type: Collect, config: { max_frames: 1 } }
          - { id: file, type: FileSink, config: { path: NAME.jsonl, flush_every: 1000 } }
          MORE
        connections:
          - { from: ticks, to: sine }
          - { from: sine, to: gain }
          - { from: gain, to: newest }
          - { from: newest, to: file }
    """
        .replace("NAME", name)
        .replace("GAIN", gain)
        .replace("MORE", more);
  }

  private static String config(String pipelines) {
    return "server: { port: 0 }\npipelines:\n" + pipelines;
  }

  private Path write(String text) {
    return Graphs.write(folder.resolve("millrace.yaml"), text);
  }

  private static Http.Answer reload(URI address) {
    return Http.post(address, "/api/v1/admin/reload", "");
  }

  @Test
  void aGainChangesUnderLoadWithinASecondAndTheSineGoesOnSampleBySample() throws IOException {
    var file = write(config(tone("tone", "gain: 1", "")));
    int last = 12;
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      Await.until(PATIENCE, () -> newest(address) != null, () -> "no frame comes");
      for (int gain = 2; gain <= last; gain++) {
        int wanted = gain;
        write(config(tone("tone", "gain: " + gain, "")));
        long begun = System.nanoTime();
        assertThat(reload(address).status()).as(process.err()).isEqualTo(200);
        Await.until(
            PATIENCE,
            () -> loudest(address, "tone") > wanted - 0.5,
            () -> "gain " + wanted + " not heard");
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
            .as("gain " + gain)
            .isLessThan(Duration.ofSeconds(1));
      }
      assertAudit(address);
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    assertOneSine(folder.resolve("data/tone.jsonl"), last);
  }

  private static void assertAudit(URI address) {
    Await.until(
        PATIENCE,
        () ->
            Http.get(address, "/api/v1/audit")
                .body()
                .contains(
                    "\"outcome\":{\"pipelines\":[{\"pipeline\":\"tone\",\"in_place\":true,"
                        + "\"kept\":[\"ticks\",\"sine\",\"newest\",\"file\"],\"changed\":"
                        + "[\"gain\"],\"added\":[],\"removed\":[]}]}"),
        () -> Http.get(address, "/api/v1/audit").body());
  }

  /// Every tick once and in order; the sine uninterrupted; each gain from one frame on to another.
  private static void assertOneSine(Path file, int last) throws IOException {
    var gains = new TreeSet<Integer>();
    int gain = 1;
    long frame = 0;
    long sample = 0;
    try (var lines = Files.lines(file)) {
      for (var line : (Iterable<String>) lines::iterator) {
        var json = Json.tree(line.getBytes(StandardCharsets.UTF_8));
        assertThat(json.path("sequence_id").asLong()).isEqualTo(frame);
        var samples = json.path("payload").path("main_channel");
        assertThat(samples.size()).isEqualTo(FRAME);
        while (gain < last && !isSine(samples, sample, gain)) {
          gain++;
        }
        for (int i = 0; i < FRAME; i++) {
          assertThat(samples.path(i).asDouble())
              .as("frame %d, sample %d, gain %d", frame, i, gain)
              .isCloseTo(gain * sine(sample + i), within(1e-6));
        }
        gains.add(gain);
        frame++;
        sample += FRAME;
      }
    }
    assertThat(gains).hasSize(last);
    assertThat(frame).isGreaterThan(1_000);
  }

  private static boolean isSine(JsonNode samples, long from, int gain) {
    for (int i = 0; i < FRAME; i++) {
      if (Math.abs(samples.path(i).asDouble() - gain * sine(from + i)) > 1e-6) {
        return false;
      }
    }
    return true;
  }

  private static double sine(long sample) {
    return Math.sin(2 * Math.PI * ((440 * sample) % (long) RATE) / RATE);
  }

  @Test
  void aTapThatIsOpenKeepsItsNodeAndSeesEachFrameOnce() {
    var file = write(config(tone("tone", "gain: 1", "")));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      var tap =
          CompletableFuture.supplyAsync(
              () ->
                  Http.get(address, "/api/v1/pipelines/tone/tap?node=gain&limit=10000&for=3s")
                      .body());
      for (int gain = 2; !tap.isDone(); gain++) {
        write(config(tone("tone", "gain: " + gain, "")));
        assertThat(reload(address).status()).as(process.err()).isEqualTo(200);
      }
      var seen = new ArrayList<Long>();
      var loudest = new ArrayList<Double>();
      // Other lines say what is watched, what was left out, and how it ended.
      for (var line : tap.join().lines().filter(said -> said.contains("\"frame\"")).toList()) {
        var json = Json.tree(line.getBytes(StandardCharsets.UTF_8));
        assertThat(json.path("place").asString()).isEqualTo("gain");
        seen.add(json.path("frame").path("sequence_id").asLong());
        loudest.add(peak(json.path("frame")));
      }
      assertThat(seen).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(1_000);
      assertThat(loudest).anyMatch(value -> value > 1.5).anyMatch(value -> value > 2.5);
    }
  }

  @Test
  void aReloadWhileANodeFailsWaitsForItsRetriesAndLosesNothing() throws IOException {
    var faulty =
        "- { id: fault, type: Fault, config: { fail_every: 50 },"
            + " restart: { Exponential: { base_ms: 20, max_ms: 20, max_attempts: 9 } } }";
    var file = write(config(through("1", faulty)));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      for (int gain = 2; gain < 12; gain++) {
        write(config(through(String.valueOf(gain), faulty)));
        var answer = reload(address);
        assertThat(answer.status()).as(answer.body() + process.err()).isEqualTo(200);
      }
      assertThat(Http.get(address, "/health").status()).isEqualTo(200);
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    long frame = 0;
    for (var line : Files.readAllLines(folder.resolve("data/tone.jsonl"))) {
      var json = Json.tree(line.getBytes(StandardCharsets.UTF_8));
      assertThat(json.path("sequence_id").asLong()).isEqualTo(frame++);
    }
    assertThat(frame).isGreaterThan(50);
  }

  @Test
  void aReloadWhileASinkHoldsFramesForEverIsRefusedInTimeAndTheOthersAreAsBefore() {
    var failing =
        "- { id: fault, type: Fault, config: { fail_first: 1000000000 },"
            + " restart: { Exponential: { base_ms: 60000, max_ms: 60000, max_attempts: 999 } } }";
    var before = tone("other", "gain: 1", "") + through("1", failing);
    var file = write(config(before));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      Await.until(PATIENCE, () -> newest(address, "other") != null, () -> "no frame comes");
      write(config(tone("other", "gain: 5", "") + through("2", failing)));
      long begun = System.nanoTime();
      var answer = reload(address);
      assertThat(answer.status()).as(answer.body()).isEqualTo(422);
      assertThat(answer.body()).contains("fault", "stop the pipeline first");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      assertThat(loudest(address, "other")).isLessThan(1.01);
      write(config(before + tone("more", "gain: 1", "")));
      assertThat(reload(address).status()).as("the next reload").isEqualTo(200);
      Await.until(PATIENCE, () -> newest(address, "more") != null, () -> "more does not run");
    }
  }

  /// The tone through a further node behind the gain.
  private static String through(String gain, String node) {
    return tone("tone", "gain: " + gain, node)
        .replace("drain_timeout: 5s", "drain_timeout: 2s")
        .replace("interval_ms: 0.2", "interval_ms: 1")
        .replace("{ from: newest, to: file }", "{ from: newest, to: fault }")
        .replace("to: fault }", "to: fault }\n      - { from: fault, to: file }");
  }

  @Test
  void aKeyThatChangesItsKindGoesOnDelivering() {
    var source =
        """
          - name: kinds
            graph:
              nodes:
                - { id: x, type: TriggerSourceNode, config: { interval_ms: 1 } }
                - { id: keep, type: Collect }
              connections: [ { from: x, to: keep } ]
        """;
    var transform =
        """
          - name: kinds
            graph:
              nodes:
                - { id: y, type: TriggerSourceNode, config: { interval_ms: 1 } }
                - { id: x, type: SineGenerator, config: { frame_size: 2 } }
                - { id: keep, type: Collect }
              connections: [ { from: y, to: x }, { from: x, to: keep } ]
        """;
    var file = write(config(source));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      for (int i = 0; i < 6; i++) {
        awaitMore(address);
        boolean samples = i % 2 == 0;
        write(config(samples ? transform : source));
        assertThat(reload(address).status()).as(process.err()).isEqualTo(200);
        awaitMore(address);
        Await.until(
            PATIENCE,
            () ->
                collected(address, "kinds", "keep").getLast().path("payload").isEmpty() != samples,
            () -> "x is still what it was");
      }
      var trail = Http.get(address, "/api/v1/audit").body();
      assertThat(trail)
          .contains(
              "\"in_place\":true,\"kept\":[\"keep\"],\"changed\":[\"x\"],\"added\":[\"y\"],"
                  + "\"removed\":[]")
          .doesNotContain("\"in_place\":false");
    }
  }

  private static void awaitMore(URI address) {
    int now = collected(address, "kinds", "keep").size();
    Await.until(
        PATIENCE, () -> collected(address, "kinds", "keep").size() > now, () -> "no frame comes");
  }

  @Test
  void aWrongGraphLeavesTheOldOneAlone() {
    var before = config(tone("tone", "gain: 1", ""));
    var file = write(before);
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      Await.until(PATIENCE, () -> newest(address) != null, () -> "no frame comes");
      var graph = graph(address, "tone");
      write(before.replace("type: Gain", "type: Gian"));
      assertThat(reload(address).status()).isEqualTo(422);
      var put =
          Http.ask(
              null,
              "PUT",
              address,
              "/api/v1/pipelines/tone",
              "{\"nodes\":[{\"id\":\"a\",\"type\":\"Gian\"}],\"connections\":[]}");
      assertThat(put.status()).as(put.body()).isEqualTo(422);
      assertThat(graph(address, "tone")).isEqualTo(graph);
      assertThat(events(address, "tone")).containsExactly("Initializing", "Running");
      long now = sequence(address);
      Await.until(PATIENCE, () -> sequence(address) > now, () -> "it does not run");
    }
  }

  @Test
  void whereTheSecondPipelineIsRefusedTheFirstIsAsBefore() throws IOException {
    Files.createDirectories(folder.resolve("data/folder"));
    var before = config(tone("first", "gain: 1", "") + tone("second", "gain: 1", ""));
    var broken = "- { id: extra, type: WavSink, config: { path: folder } }";
    var file = write(before);
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      Await.until(PATIENCE, () -> newest(address, "first") != null, () -> "no frame comes");
      write(
          config(
              tone("first", "gain: 7", "")
                  + tone("second", "gain: 7", broken)
                      .replace("to: file }", "to: file }\n      - { from: gain, to: extra }")));
      var answer = reload(address);
      assertThat(answer.status()).as(answer.body()).isEqualTo(422);
      assertThat(answer.body()).contains("second", "extra");
      for (var name : List.of("first", "second")) {
        assertThat(graph(address, name)).doesNotContain("extra");
        assertThat(events(address, name)).containsExactly("Initializing", "Running");
        assertThat(loudest(address, name)).as(name).isLessThan(1.01);
      }
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    for (var name : List.of("first", "second")) {
      long frame = 0;
      for (var line : Files.readAllLines(folder.resolve("data/" + name + ".jsonl"))) {
        var json = Json.tree(line.getBytes(StandardCharsets.UTF_8));
        assertThat(json.path("sequence_id").asLong()).as(name).isEqualTo(frame++);
      }
    }
  }

  @Test
  void aConfiguredPipelineChangedOverHttpIsSaidToLastUntilTheNextReload() {
    var graph =
        """
        {"nodes":[{"id":"ticks","type":"TriggerSourceNode","config":{"interval_ms":1}},
          {"id":"keep","type":"Collect"}],"connections":[{"from":"ticks","to":"keep"}]}
        """;
    var file = write(config(tone("tone", "gain: 1", "")));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      for (int i = 0; i < 2; i++) {
        var answer = Http.ask(null, "PUT", address, "/api/v1/pipelines/tone", graph);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("warnings").path(0).path("code").asString())
            .isEqualTo("W_UNTIL_RELOAD");
      }
      Await.until(
          PATIENCE, () -> !collected(address, "tone", "keep").isEmpty(), () -> "no frame comes");
      write(config(tone("tone", "gain: 1", "") + tone("more", "gain: 1", "")));
      assertThat(reload(address).status()).as(process.err()).isEqualTo(200);
      assertThat(graph(address, "tone")).contains("sine");
    }
  }

  private static long sequence(URI address) {
    var newest = newest(address);
    return newest == null ? -1 : newest.path("sequence_id").asLong();
  }

  private static List<String> events(URI address, String pipeline) {
    return Http.get(address, "/api/v1/pipelines/" + pipeline + "/events")
        .json()
        .path("events")
        .valueStream()
        .map(event -> event.path("to").asString())
        .toList();
  }

  private static String graph(URI address, String pipeline) {
    return Http.get(address, "/api/v1/pipelines/" + pipeline)
        .json()
        .path("nodes")
        .findValuesAsString("id")
        .toString();
  }

  private static double loudest(URI address, String pipeline) {
    double loudest = 0;
    for (int i = 0; i < 12; i++) { // a whole turn of the sine takes seven frames
      loudest = Math.max(loudest, peak(newest(address, pipeline)));
    }
    return loudest;
  }

  private static double peak(@Nullable JsonNode frame) {
    return frame == null
        ? 0
        : frame
            .path("payload")
            .path("main_channel")
            .valueStream()
            .mapToDouble(value -> Math.abs(value.asDouble()))
            .max()
            .orElse(0);
  }

  private static @Nullable JsonNode newest(URI address) {
    return newest(address, "tone");
  }

  private static @Nullable JsonNode newest(URI address, String pipeline) {
    var frames = collected(address, pipeline, "newest");
    return frames.isEmpty() ? null : frames.getLast();
  }

  private static List<JsonNode> collected(URI address, String pipeline, String node) {
    return Http.get(address, "/api/v1/pipelines/" + pipeline + "/collect/" + node)
        .json()
        .path("frames")
        .valueStream()
        .toList();
  }
}
