package dev.millrace.connect.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.millrace.connect.TestData;
import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Progress;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Spec;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.SourceRun;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplaySourceTest {
  @TempDir Path folder;

  @Test
  void keepsTheContractOfASource() throws Exception {
    var file = TestData.write(folder.resolve("a.jsonl"), TestData.events(300));
    NodeHarness.source(() -> new ReplaySource(ReplayConfig.of(file.toString()))).check();
    NodeHarness.source(() -> new ReplaySource(ReplayConfig.of(file.toString()).withRate("1000")))
        .check();
  }

  @Test
  void everyLineComesByteForByteWithItsNumberAndTime() throws Exception {
    var lines = TestData.lines();
    var file = TestData.write(folder.resolve("a.jsonl"), lines);

    var frames = replay(ReplayConfig.of(file.toString()));

    assertThat(bytes(frames)).containsExactlyElementsOf(lines);
    assertThat(frames.getLast().sequence()).isEqualTo(lines.size());
    assertThat(frames.getLast().timestampMicros()).isGreaterThan(1_000_000_000_000_000L);
  }

  @Test
  void aCompressedRecordingGivesTheSameLines() throws Exception {
    var lines = TestData.events(5_000);
    var plain = Files.readAllBytes(TestData.write(folder.resolve("a.jsonl"), lines));
    int half = plain.length / 2;
    var first = Zstd.compress(Arrays.copyOf(plain, half));
    var second = Zstd.compress(Arrays.copyOfRange(plain, half, plain.length));
    var file = folder.resolve("a.jsonl.zst");
    Files.write(file, first);
    Files.write(file, second, java.nio.file.StandardOpenOption.APPEND); // frames may follow frames

    assertThat(bytes(replay(ReplayConfig.of(file.toString())))).containsExactlyElementsOf(lines);
  }

  @Test
  void aFileCutInsideACompressedFrameGivesWhatIsReadableAndSaysSo() throws Exception {
    var lines = TestData.events(5_000);
    var plain = Files.readAllBytes(TestData.write(folder.resolve("a.jsonl"), lines));
    var compressed = Zstd.compress(plain);
    var file = folder.resolve("cut.jsonl.zst");
    Files.write(file, Arrays.copyOf(compressed, compressed.length * 2 / 3));

    try (var context = new TestNodeContext();
        var run = open(ReplayConfig.of(file.toString()), context)) {
      var frames = run.pollUntil(Long.MAX_VALUE, 64).outputs();

      assertThat(frames).hasSizeBetween(2_000, 4_500);
      assertThat(bytes(frames)).containsExactlyElementsOf(lines.subList(0, frames.size()));
      assertThat(context.rejections()).hasSize(1);
      assertThat(context.rejections().getFirst().reason()).isEqualTo("unreadable");
      assertThat(context.rejections().getFirst().sentence())
          .contains("cut.jsonl.zst", "line " + frames.size(), "middle of a compressed frame");
    }
  }

  @Test
  void damagedCompressedDataAreReportedAndEndTheRecording() throws Exception {
    var plain =
        Files.readAllBytes(TestData.write(folder.resolve("a.jsonl"), TestData.events(2_000)));
    byte[] compressed;
    try (var checked = new ZstdCompressCtx().setChecksum(true)) {
      compressed = checked.compress(plain);
    }
    for (int i = compressed.length / 2; i < compressed.length / 2 + 200; i++) {
      compressed[i] = (byte) 0xFF;
    }
    var file = Files.write(folder.resolve("bad.zst"), compressed);

    try (var context = new TestNodeContext();
        var run = open(ReplayConfig.of(file.toString()), context)) {
      run.pollUntil(Long.MAX_VALUE, 64);

      assertThat(run.done()).isTrue();
      assertThat(context.rejections())
          .last()
          .satisfies(last -> assertThat(last.reason()).isEqualTo("unreadable"));
    }
  }

  @Test
  void brokenLinesAreCountedWithTheirNumberAndTheirNeighboursCome() throws Exception {
    var good = TestData.events(3);
    var file = folder.resolve("mixed.jsonl");
    try (var out = Files.newOutputStream(file)) {
      out.write(good.get(0));
      out.write("\n\n  \n{\"did\":\"secret\n".getBytes(StandardCharsets.UTF_8));
      out.write("x".repeat(2_000).getBytes(StandardCharsets.UTF_8));
      out.write('\n');
      out.write(good.get(1));
      out.write("\r\n[1]\n{\"did\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
      out.write(good.get(2)); // without an end of line
    }
    var config = new ReplayConfig(file.toString(), "max", new ByteSize(1_500));

    try (var context = new TestNodeContext();
        var run = open(config, context)) {
      var frames = run.pollUntil(Long.MAX_VALUE, 64).outputs();

      assertThat(bytes(frames)).containsExactlyElementsOf(good);
      assertThat(frames).extracting(Frame::sequence).containsExactly(1L, 6L, 9L);
      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("not_json", "too_long", "not_an_object", "incomplete_event");
      assertThat(context.rejections().getFirst().sentence())
          .contains("mixed.jsonl:4: ")
          .doesNotContain("secret");
      assertThat(position(run).ordinal()).isEqualTo(9);
    }
  }

  @Test
  void resumesBehindTheCommittedLine() throws Exception {
    var lines = TestData.events(100);
    var file = TestData.write(folder.resolve("a.jsonl"), lines);
    var stream = Recording.contentId(file);

    try (var context = new TestNodeContext().resuming(stream, 40);
        var run = open(ReplayConfig.of(file.toString()), context)) {
      var frames = run.pollUntil(Long.MAX_VALUE, 7).outputs();

      assertThat(bytes(frames)).containsExactlyElementsOf(lines.subList(40, 100));
      assertThat(position(run).stream()).isEqualTo(stream);
    }
  }

  @Test
  void theContentNamesTheStreamNotThePath() throws Exception {
    var big = TestData.write(folder.resolve("big"), TestData.events(8_000));
    var copy = Files.copy(big, folder.resolve("copy"));
    var small = TestData.write(folder.resolve("small"), TestData.events(3));

    assertThat(Recording.contentId(copy)).isEqualTo(Recording.contentId(big));
    assertThat(Recording.contentId(small)).matches("file:[0-9a-f]{16}");
    Files.write(copy, new byte[] {'\n'}, java.nio.file.StandardOpenOption.APPEND);
    assertThat(Recording.contentId(copy)).isNotEqualTo(Recording.contentId(big));
  }

  @Test
  void playsSoManyEventsASecond() throws Exception {
    var file = TestData.write(folder.resolve("a.jsonl"), TestData.events(100));

    try (var context = new TestNodeContext();
        var run = open(ReplayConfig.of(file.toString()).withRate("10"), context)) {
      run.poll(64);
      assertThat(run.outputs()).hasSize(1);
      context.clock().advance(Duration.ofMillis(950));
      while (run.poll(64) instanceof Progress.More) {}
      assertThat(run.outputs()).hasSize(10);
    }
  }

  @Test
  void playsAtTheRecordedPaceAndStepsBackAreNoGaps() throws Exception {
    var file = folder.resolve("a.jsonl");
    Files.writeString(file, timed(10_000_000) + timed(12_000_000) + timed(1) + timed(1_000_001));

    try (var context = new TestNodeContext();
        var run = open(ReplayConfig.of(file.toString()).withRate("2x"), context)) {
      run.poll(64);
      assertThat(run.outputs()).hasSize(1);
      context.clock().advance(Duration.ofMillis(999));
      run.poll(64);
      assertThat(run.outputs()).hasSize(1);
      context.clock().advance(Duration.ofMillis(1));
      run.poll(64);
      assertThat(run.outputs()).hasSize(3); // the second, and with it the one that stepped back
      context.clock().advance(Duration.ofMillis(500));
      assertThat(run.poll(64)).isEqualTo(Progress.DONE);
      assertThat(run.outputs()).hasSize(4);
    }
  }

  @Test
  void drainingKeepsWhatIsNotDueForTheNextRun() throws Exception {
    var file = TestData.write(folder.resolve("a.jsonl"), TestData.events(100));
    try (var context = new TestNodeContext();
        var run = open(ReplayConfig.of(file.toString()).withRate("10"), context)) {
      run.poll(64);
      run.drain();

      assertThat(run.poll(64)).isEqualTo(Progress.DONE);
      assertThat(position(run).ordinal()).isEqualTo(1);
    }
  }

  @Test
  void aMissingFileIsAProblemThatSaysHowToFixIt() {
    assertThatThrownBy(() -> replay(ReplayConfig.of("nowhere.jsonl")))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("there is no file")
        .hasMessageContaining("path");
    assertThatThrownBy(() -> replay(ReplayConfig.of(folder.toString())))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("is not a file");
  }

  @Test
  void aWrongRateIsAProblemOfTheConfiguration() {
    var problems = new Problems();
    for (var rate : List.of("fast", "0", "-1", "x", "1e300x")) {
      var text = "path: a\nrate: \"" + rate + "\"\n";
      var tree = Documents.parse("t.yaml", text.getBytes(StandardCharsets.UTF_8), problems);
      assertThat(Spec.of(ReplayConfig.class).read(tree.orElseThrow(), problems)).isEmpty();
    }
    assertThat(problems.toString()).contains("rate is \"fast\"; write max, a number");
  }

  @Test
  void randomBytesAreCutIntoTheLinesThatSplittingGives() throws Exception {
    long seed = 4_711;
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var bytes = new byte[random.nextInt(300)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            (byte) (random.nextInt(12) == 0 ? '\n' : random.nextInt(8) == 0 ? '\r' : 'a' + i);
      }
      cut(bytes, 20, "seed " + seed + " round " + round);
    }
    var large = new byte[1 << 20];
    random.nextBytes(large);
    cut(large, 500, "seed " + seed);
  }

  @FuzzTest
  void anyBytesAreCutIntoLines(byte[] bytes) throws Exception {
    cut(bytes, 10, "fuzzed");
  }

  private static void cut(byte[] bytes, int limit, String where) throws IOException {
    var wanted = new ArrayList<String>();
    for (var line : new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      var content = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      wanted.add(content.length() > limit ? "too long" : content);
    }
    if (bytes.length == 0 || bytes[bytes.length - 1] == '\n') {
      wanted.removeLast();
    }
    var got = new ArrayList<String>();
    try (var reader = new LineReader(new ByteArrayInputStream(bytes), limit)) {
      for (var line = reader.next(); line != null; line = reader.next()) {
        got.add(reader.tooLong() ? "too long" : new String(line, StandardCharsets.ISO_8859_1));
      }
      assertThat(reader.ordinal()).isEqualTo(wanted.size());
    }
    assertThat(got).as(where).isEqualTo(wanted);
  }

  private static String timed(long timeUs) {
    return "{\"did\":\"a\",\"time_us\":" + timeUs + ",\"kind\":\"identity\"}\n";
  }

  private static List<Frame> replay(ReplayConfig config) throws Exception {
    try (var context = new TestNodeContext();
        var run = open(config, context)) {
      return run.pollUntil(Long.MAX_VALUE, 64).outputs();
    }
  }

  private static SourceRun open(ReplayConfig config, TestNodeContext context) throws Exception {
    return NodeHarness.open((ReplaySource) ReplaySource.TYPE.factory().apply(config), context);
  }

  private static dev.millrace.core.node.SourcePosition position(SourceRun run) {
    return java.util.Objects.requireNonNull(run.position());
  }

  private static List<byte[]> bytes(List<Frame> frames) {
    return frames.stream().map(frame -> ((Body.JsonBytes) frame.body()).bytes()).toList();
  }
}
