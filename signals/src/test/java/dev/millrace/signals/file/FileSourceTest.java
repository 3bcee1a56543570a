package dev.millrace.signals.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.signals.control.Fixture;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
  private static final String CSV =
      """
      timestamp,sequence_id,channel,index,value
      10,1,a,0,0.5
      10,1,a,1,-1
      10,1,b,0,NaN
      20,2,a,0,1e3
      """;

  @TempDir Path directory;

  @Test
  void rowsWithOneTimestampAndSequenceAreAFrame() throws Exception {
    assertThat(read(CSV, "csv"))
        .containsExactly(
            new Frame(
                10,
                1,
                Fixture.frame(
                        1, Map.of("a", new double[] {0.5, -1}, "b", new double[] {Double.NaN}))
                    .body(),
                dev.millrace.core.frame.Metadata.NONE),
            new Frame(
                20, 2, Fixture.frame(2, "a", 1e3).body(), dev.millrace.core.frame.Metadata.NONE));
  }

  @Test
  void anIndexThatBeginsAgainBeginsAFrameAndAHeaderMayBeMissing() throws Exception {
    assertThat(read("1,1,a,0,1\n1,1,a,0,2\r\n1,1,\"b\",0,3", "csv")).hasSize(2);
    assertThat(read("\uFEFF" + CSV, "csv")).hasSize(2);
    assertThat(read("", "csv")).isEmpty();
    assertThat(read(FrameLines.Csv.HEADER, "csv")).isEmpty();
  }

  @Test
  void aBrokenLineIsCountedAndItsNeighboursAreDelivered() throws Exception {
    try (var context = context()) {
      write("1,1,a,0,1\n1,1,a,x,2\n1,1,a,2,3\n1,1\n1,1,\"a,3,4\n-1,1,a,3,4\n2,2,a,0,1\n", "f.csv");
      var source = source("{path: f.csv, format: csv}");
      try (var run = NodeHarness.open(source, context)) {
        run.pollUntil(100, 8);
        assertThat(run.outputs()).hasSize(2);
        assertThat(run.outputs().getFirst().body())
            .isEqualTo(Fixture.frame(1, "a", 1, Double.NaN, 3).body());
      }
      assertThat(context.rejections())
          .hasSize(4)
          .allSatisfy(
              rejection -> {
                assertThat(rejection.reason()).isEqualTo("broken_line");
                assertThat(rejection.sentence()).contains("f.csv:");
              });
    }
    try (var context = context()) {
      write("{\"sequence_id\":1}\nnonsense\n\n{\"sequence_id\":2}\n{\"a\":1}", "f.jsonl");
      try (var run = NodeHarness.open(source("{path: f.jsonl, max_line: 20}"), context)) {
        run.pollUntil(100, 8);
        assertThat(run.outputs()).extracting(Frame::sequence).containsExactly(1L, 2L);
      }
      assertThat(context.rejections()).hasSize(2);
    }
    try (var context = context();
        var run = NodeHarness.open(source("{path: f.jsonl, max_line: 16}"), context)) {
      run.pollUntil(100, 8);
      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("too_long", "broken_line", "too_long", "broken_line");
    }
  }

  @Test
  void anIndexThatIsTooFarIsNoSample() throws Exception {
    try (var context = context()) {
      write("1,1,a,0,1\n1,1,a,4000000,2\n1,1,a,99999999999,2\n1,1,a,0,2\n1,1,b,5,2\n", "f.csv");
      try (var run = NodeHarness.open(source("{path: f.csv, format: csv}"), context)) {
        run.pollUntil(100, 8);
        assertThat(run.outputs()).hasSize(2);
      }
      assertThat(context.rejections()).hasSize(2);
    }
  }

  @Test
  void aRestartGoesOnBehindTheLineThatWasCommitted() throws Exception {
    for (var format : List.of("csv", "jsonl")) {
      for (boolean loop : new boolean[] {false, true}) {
        var frames = fill("f", format, 20);
        var config = "{path: f, format: " + format + ", loop: " + loop + "}";
        int total = loop ? 70 : 20;
        for (int given = 0; given <= total; given += 7) {
          byte[] state;
          long ordinal;
          String stream;
          var first = source(config);
          List<Frame> before;
          try (var context = context();
              var run = NodeHarness.open(first, context)) {
            run.pollUntil(given, 3);
            before = run.outputs();
            var position = first.position();
            assertThat(position.repeats()).isTrue();
            ordinal = position.ordinal();
            stream = position.stream();
            state = Fixture.saved(first);
          }
          var second = source(config);
          try (var context = context().resuming(stream, ordinal);
              var run = NodeHarness.open(second, context)) {
            run.pollUntil(total - given, 5);
            var all = new ArrayList<>(before);
            all.addAll(run.outputs());
            assertThat(all).extracting(Frame::sequence).isEqualTo(sequences(total));
            assertThat(all.subList(0, 20)).isEqualTo(frames);
          }
          var third = source(config);
          try (var context = context();
              var run = NodeHarness.open(third, context)) {
            Fixture.restore(third, state);
            run.pollUntil(total - given, 5);
            assertThat(run.outputs())
                .extracting(Frame::sequence)
                .isEqualTo(sequences(total).subList(given, total));
          }
        }
      }
    }
  }

  @Test
  void aCheckpointOfAnotherFileIsNotTakenUp() throws Exception {
    fill("f", "jsonl", 3);
    byte[] state;
    var first = source("{path: f}");
    try (var context = context();
        var _ = NodeHarness.open(first, context)) {
      state = Fixture.saved(first);
    }
    fill("f", "jsonl", 4);
    var second = source("{path: f}");
    try (var context = context();
        var _ = NodeHarness.open(second, context)) {
      assertThatThrownBy(() -> Fixture.restore(second, state)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aLoopOverAFileWithoutFramesEnds() throws Exception {
    write("nonsense\n", "f.jsonl");
    try (var context = context();
        var run = NodeHarness.open(source("{path: f.jsonl, loop: true}"), context)) {
      run.pollUntil(1, 8);
      assertThat(run.done()).isTrue();
    }
  }

  @Test
  void whatAPassEndsWithIsDeliveredAlsoIfTheFileIsGoneThen() throws Exception {
    try (var context = context()) {
      write("1,1,a,0,1\n1,2,a,0,1\n", "f.csv");
      var source = source("{path: f.csv, format: csv, loop: true}");
      try (var run = NodeHarness.open(source, context)) {
        Files.delete(directory.resolve("f.csv"));
        run.pollUntil(2, 1);
        assertThat(run.outputs()).extracting(Frame::sequence).containsExactly(1L, 2L);
        run.poll(1);
      }
      assertThat(context.rejections().getFirst().reason()).isEqualTo("unreadable");
    }
  }

  @Test
  void sequencesOfALoopGoOnPastTheSignedNumbers() throws Exception {
    write("1,9223372036854775807,a,0,1\n1,9223372036854775808,a,0,1\n", "f.csv");
    try (var context = context();
        var run = NodeHarness.open(source("{path: f.csv, format: csv, loop: true}"), context)) {
      run.pollUntil(6, 2);
      assertThat(run.outputs())
          .extracting(frame -> Long.toUnsignedString(frame.sequence()))
          .startsWith(
              "9223372036854775807",
              "9223372036854775808",
              "9223372036854775809",
              "9223372036854775810",
              "9223372036854775811",
              "9223372036854775812");
    }
  }

  @Test
  void aFileThatIsNotThereIsAProblem() throws Exception {
    try (var context = context()) {
      assertThatThrownBy(() -> source("{path: none}").open(context))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("does not exist");
      assertThatThrownBy(() -> source("{path: .}").open(context))
          .hasMessageContaining("is not a file");
    }
  }

  @Test
  void keepsTheContractOfASource() throws Exception {
    for (var format : List.of("csv", "jsonl")) {
      fill("f", format, 200);
      for (boolean loop : new boolean[] {false, true}) {
        NodeHarness.source(() -> source("{path: f, format: " + format + ", loop: " + loop + "}"))
            .contexts(this::context)
            .frames(loop ? 500 : 200)
            .check();
      }
    }
  }

  @FuzzTest
  void anyBytesAreFramesOrBrokenLines(byte[] input) throws Exception {
    parse(input, "fuzzed");
  }

  @Test
  void mutatedFilesAreFramesOrBrokenLines() throws Exception {
    var random = new Random(11);
    var json = new String(FrameJson.write(Fixture.frame(1, "a", 1, 2)), StandardCharsets.UTF_8);
    for (int i = 0; i < 4_000; i++) {
      var bytes = (i % 2 == 0 ? CSV : json + "\n" + json).getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(6); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt(256)
                : (byte) "\",\n\r0123456789-eE.".charAt(random.nextInt(18));
      }
      parse(bytes, "seed 11, input " + i);
    }
  }

  private static void parse(byte[] input, String where) throws IOException {
    for (var format : FileFormat.values()) {
      var parser = LineParser.of(format);
      long covered = 0;
      try (var lines = new Lines(new ByteArrayInputStream(input), 1_000)) {
        for (var line = lines.next(); line != null; line = lines.next()) {
          try {
            var _ = parser.line(line, lines.number());
          } catch (BrokenLineException broken) {
            assertThat(broken).as(where).hasMessageMatching("(?s).+");
          }
          assertThat(parser.covered()).as(where).isBetween(covered, lines.number());
          covered = parser.covered();
        }
        var _ = parser.end(lines.number());
        assertThat(parser.covered()).as(where).isEqualTo(lines.number());
      }
    }
  }

  private List<Frame> fill(String name, String format, int count) throws Exception {
    var frames = Fixture.frames(0, count);
    Files.deleteIfExists(directory.resolve(name));
    var sink = Fixture.node(FileTypes.FILE_SINK, "{path: " + name + ", format: " + format + "}");
    try (var context = context();
        var run = NodeHarness.open((FileSink) sink, context)) {
      run.batch(frames, null).finish();
    }
    return frames;
  }

  private static List<Long> sequences(int count) {
    var sequences = new ArrayList<Long>();
    for (long i = 0; i < count; i++) {
      sequences.add(i);
    }
    return sequences;
  }

  private List<Frame> read(String text, String format) throws Exception {
    write(text, "f");
    try (var context = context();
        var run = NodeHarness.open(source("{path: f, format: " + format + "}"), context)) {
      run.pollUntil(1_000, 8);
      assertThat(context.rejections()).isEmpty();
      return run.outputs();
    }
  }

  private void write(String text, String name) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private TestNodeContext context() {
    return new TestNodeContext(directory);
  }

  private static FileSource source(String config) {
    return (FileSource) Fixture.node(FileTypes.FILE_SOURCE, config);
  }
}
