package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What the guide from a tone to a graph one can rely on tells its reader to type does what it
/// says.
@Order(1) // among the longest
class GraphsGuideTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String LAUNCHER = "./millrace";
  private static final DocsPage GUIDE = DocsPage.of("docs/guides/graphs.md");

  @TempDir private Path folder;

  @BeforeEach
  void saveWhatTheGuideHasOneSave() throws IOException {
    for (var file : List.of("tone.yaml", "level.yaml", "flaky.yaml", "millrace.yaml")) {
      Files.writeString(folder.resolve(file), GUIDE.yaml(file));
    }
  }

  @Test
  void everyCommandWithoutAServerEndsWell() {
    for (var command : GUIDE.commands(LAUNCHER)) {
      if (command.getFirst().equals("graph")) {
        assertThat(output(command)).as(command.toString()).isNotEmpty();
      }
    }
    assertThat(output(GUIDE.command(LAUNCHER, "check"))).contains("No errors");
    assertThat(output(GUIDE.command(LAUNCHER, "test"))).contains("1 test passed");
  }

  @Test
  void aTestThatFailsSaysSo() throws IOException {
    var wrong = GUIDE.yaml("level.yaml").replace("peak: 0.5", "peak: 0.6");
    Files.writeString(folder.resolve("level.yaml"), wrong);
    try (var process = millrace(GUIDE.command(LAUNCHER, "test"))) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(1);
      assertThat(process.out()).contains("FAIL  half as loud").contains("not 0.6 within 0.001");
    }
  }

  @Test
  void framesOnWhichANodeFailsAreTriedAgainSkippedAndKept() {
    var printed = output(GUIDE.command(LAUNCHER, "flaky.yaml"));
    assertThat(printed).contains("Errors: 6 errors").contains("[kept]\n  Frames: 8 frames");
    var lost = printed.lines().filter(line -> line.startsWith("{")).toList();
    assertThat(lost).hasSize(2);
    var reason = GUIDE.all("\"metadata\":\\{(\"error\":\".*?),…").getFirst();
    assertThat(lost.getFirst()).contains("\"metadata\":{" + reason);
  }

  @Test
  void theServersGraphChangesBetweenTwoFrames() throws Exception {
    try (var server = serve()) {
      var address = server.awaitReady();
      var paths =
          GUIDE.commands("curl").stream().map(words -> URI.create(words.getLast())).toList();
      assertThat(paths).hasSize(2);
      assertThat(paths)
          .allSatisfy(
              path -> assertThat(Http.get(address, path.getPath()).status()).isEqualTo(200));
      var collect = paths.getLast().getPath();
      awaitPeak(address, collect, 0.49, 0.51);

      var softer = GUIDE.yaml("level.yaml").replace("-6.0206", "-20");
      Files.writeString(folder.resolve("level.yaml"), softer);
      awaitPeak(address, collect, 0.09, 0.11);
      var frames = Http.get(address, collect).json().path("frames");
      for (int i = 1; i < frames.size(); i++) {
        assertThat(frames.get(i).path("sequence_id").asLong())
            .isEqualTo(frames.get(i - 1).path("sequence_id").asLong() + 1);
      }
      server.terminate();
      assertThat(server.awaitExit(PATIENCE)).as(server.err()).isZero();
    }
  }

  @Test
  void aNodeOfOnesOwnGoesOnBehindAKillAsIfNothingHadHappened() throws Exception {
    var plugins = Files.createDirectory(folder.resolve("plugins"));
    var jar = MillraceProcess.home().resolve("examples/envelope/target/envelope-1.0.0.jar");
    Files.copy(jar, plugins.resolve("envelope-1.0.0.jar"));
    assertThat(output(List.of("graph", "nodes"))).contains("Envelope");
    Files.writeString(folder.resolve("envelope.yaml"), GUIDE.yaml("envelope.yaml"));
    Files.writeString(folder.resolve("millrace.yaml"), GUIDE.yaml("envelope.yaml", 1));
    var file = folder.resolve("data/envelope/envelope.csv");

    long before;
    try (var server = serve()) {
      var _ = server.awaitReady();
      awaitLines(file, 48 * 100);
      before = Files.readString(file).lines().count();
      server.kill();
    }
    try (var server = serve()) {
      var _ = server.awaitReady();
      awaitLines(file, before + 48 * 50);
      server.terminate();
      assertThat(server.awaitExit(PATIENCE)).as(server.err()).isZero();
    }
    long seam = Files.readString(file).lines().count();
    try (var server = serve()) {
      var _ = server.awaitReady();
      awaitLines(file, seam + 48 * 20);
      server.terminate();
      assertThat(server.awaitExit(PATIENCE)).as(server.err()).isZero();
    }
    assertGoesOn(Files.readAllLines(file));
  }

  /// One frame behind the other, and the envelope of an unbroken tone in them, which does not jump.
  private static void assertGoesOn(List<String> lines) {
    assertThat(lines.getFirst()).isEqualTo("timestamp,sequence_id,channel,index,value");
    var values = new ArrayList<Double>();
    long place = 0;
    for (var line : lines.subList(1, lines.size())) {
      var cells = line.split(",", -1);
      assertThat(Long.parseLong(cells[1])).as(line).isEqualTo(place / 48);
      assertThat(Long.parseLong(cells[3])).as(line).isEqualTo(place % 48);
      values.add(Double.parseDouble(cells[4]));
      place++;
    }
    for (int i = 4_800; i < values.size(); i++) {
      assertThat(values.get(i)).as("sample %s", i).isBetween(0.75, 1.0);
    }
  }

  private void awaitPeak(URI address, String path, double above, double below) {
    Await.until(
        PATIENCE,
        () -> {
          double peak = peak(Http.get(address, path).json().path("frames"));
          return peak > above && peak < below;
        },
        () -> "the last frame's peak is " + peak(Http.get(address, path).json().path("frames")));
  }

  private static double peak(JsonNode frames) {
    double peak = 0;
    if (!frames.isEmpty()) {
      for (var sample : frames.get(frames.size() - 1).path("payload").path("main_channel")) {
        peak = Math.max(peak, Math.abs(sample.asDouble()));
      }
    }
    return peak;
  }

  private static void awaitLines(Path file, long lines) {
    Await.until(
        PATIENCE, () -> lines(file) >= lines, () -> file + " has " + lines(file) + " lines");
  }

  private static long lines(Path file) {
    try (var read = Files.lines(file)) {
      return read.count();
    } catch (IOException | java.io.UncheckedIOException notYet) {
      return 0;
    }
  }

  private String output(List<String> command) {
    try (var process = millrace(command)) {
      assertThat(process.awaitExit(PATIENCE)).as(command + process.err()).isZero();
      return process.out();
    }
  }

  private MillraceProcess serve() {
    return millrace(List.of("run", "millrace.yaml", "--set", "server.port=0"));
  }

  private MillraceProcess millrace(List<String> command) {
    return MillraceProcess.start(folder, command.toArray(String[]::new));
  }
}
