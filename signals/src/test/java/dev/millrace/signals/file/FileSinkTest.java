package dev.millrace.signals.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.signals.control.Fixture;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSinkTest {
  @TempDir Path directory;

  @Test
  void csvHasALinePerSampleWithQuotesWhereTheyAreNeeded() throws Exception {
    write(
        "{path: out.csv, format: csv}",
        Fixture.frame(1, Map.of("a", new double[] {0.1, Double.NaN}, "b\",", new double[] {-0.0})),
        Fixture.frame(2, Map.of("", new double[] {Double.NEGATIVE_INFINITY}, "e", new double[0])));
    assertThat(text("out.csv"))
        .isEqualTo(
            """
            timestamp,sequence_id,channel,index,value
            1000,1,a,0,0.1
            1000,1,a,1,NaN
            1000,1,"b"",",0,-0.0
            2000,2,"",0,-Infinity
            """);
  }

  @Test
  void jsonLinesHoldWholeFramesEachOnOneLine() throws Exception {
    write(
        "{path: deep/down/out.jsonl}",
        Fixture.frame(1, "a", 0.5),
        Frame.json(2, 2, "{\n \"x\":\r\n1}"),
        new Frame(3, -1, new Body.Text("t\nu"), Metadata.NONE));
    assertThat(text("deep/down/out.jsonl"))
        .isEqualTo(
            "{\"timestamp\":1000,\"sequence_id\":1,\"payload\":{\"a\":[0.5]},\"metadata\":{}}\n"
                + "{\"timestamp\":2,\"sequence_id\":2,\"json\":{  \"x\":  1},\"metadata\":{}}\n"
                + "{\"timestamp\":3,\"sequence_id\":18446744073709551615,\"text\":\"t\\nu\","
                + "\"metadata\":{}}\n");
  }

  @Test
  void theFileHasItsNameOnlyWhenItIsWhole() throws Exception {
    Files.writeString(directory.resolve("out.jsonl"), "before");
    try (var context = context();
        var run = NodeHarness.open(sink("{path: out.jsonl}"), context)) {
      run.batch(Fixture.frame(1, "a", 1));
      assertThat(text("out.jsonl")).isEqualTo("before");
      assertThat(text("out.jsonl.part")).hasLineCount(1);
      run.finish();
      assertThat(text("out.jsonl")).hasLineCount(1).contains("\"a\"");
      assertThat(directory.resolve("out.jsonl.part")).doesNotExist();
    }
  }

  @Test
  void aSinkThatIsClosedEarlyStillNamesItsFileAndOneThatHadNothingLeavesTheOldOne()
      throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink("{path: out.jsonl}"), context)) {
      run.batch(Fixture.frame(1, "a", 1));
    }
    assertThat(text("out.jsonl")).hasLineCount(1);
    try (var context = context()) {
      NodeHarness.open(sink("{path: out.jsonl}"), context).close();
    }
    assertThat(text("out.jsonl")).hasLineCount(1);
    assertThat(directory.resolve("out.jsonl.part")).doesNotExist();
    write("{path: out.jsonl}");
    assertThat(text("out.jsonl")).isEmpty();
  }

  @Test
  void appendingKeepsWhatIsThereAndEndsALineThatWasCutOff() throws Exception {
    write("{path: a.csv, format: csv, append: true}", Fixture.frame(1, "a", 1));
    write("{path: a.csv, format: csv, append: true}", Fixture.frame(2, "a", 1));
    assertThat(text("a.csv")).hasLineCount(3).startsWith("timestamp,").contains("2000,2,a,0,1.0");
    Files.writeString(directory.resolve("a.jsonl"), "{\"timest");
    write("{path: a.jsonl, append: true}", Fixture.frame(2, "a", 1));
    assertThat(text("a.jsonl")).startsWith("{\"timest\n{").hasLineCount(2);
  }

  @Test
  void framesWaitForTheirNumberUnlessNothingFollows() throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink("{path: out.jsonl, flush_every: 3}"), context)) {
      run.batch(Fixture.frame(1, "a", 1)).batch(Fixture.frame(2, "a", 1));
      assertThat(text("out.jsonl.part")).isEmpty();
      run.batch(Fixture.frame(3, "a", 1));
      assertThat(text("out.jsonl.part")).hasLineCount(3);
      run.batch(Fixture.frame(4, "a", 1)).idle();
      assertThat(text("out.jsonl.part")).hasLineCount(4);
    }
  }

  @Test
  void aFullDiskHoldsTheFramesUpAndLosesNone() throws Exception {
    var files = new ArrayList<FailingFile>();
    var sink =
        new FileSink(
            new FileSink.Config("out.csv", FileFormat.CSV, false, 1),
            path -> {
              files.add(new FailingFile(path));
              return files.getFirst();
            });
    try (var context = context();
        var run = NodeHarness.open(sink, context)) {
      run.batch(Fixture.frame(1, "a", 1));
      files.getFirst().full(true);
      run.batch(Fixture.frame(2, "a", 2));
      assertThat(context.trouble()).contains("out.csv").contains("No space left");
      assertThat(run.ready()).isFalse();
      assertThat(sink.heldFrames()).isEqualTo(1);
      context.clock().advance(Duration.ofSeconds(1));
      context.awaitWake(Duration.ofSeconds(5));
      assertThat(run.ready()).isFalse();
      files.getFirst().full(false);
      context.clock().advance(Duration.ofSeconds(1));
      assertThat(run.ready()).isTrue();
      assertThat(context.trouble()).isNull();
      run.batch(Fixture.frame(3, "a", 3)).finish();
      assertThat(text("out.csv").lines().skip(1))
          .containsExactly("1000,1,a,0,1.0", "2000,2,a,0,2.0", "3000,3,a,0,3.0");
    }
  }

  @Test
  void whatCannotBeFinishedStaysUnderItsWorkingName() throws Exception {
    var files = new ArrayList<FailingFile>();
    var sink =
        new FileSink(
            new FileSink.Config("out.csv", FileFormat.CSV, false, 1),
            path -> {
              files.add(new FailingFile(path));
              return files.getFirst();
            });
    try (var context = context();
        var run = NodeHarness.open(sink, context)) {
      run.batch(Fixture.frame(1, "a", 1));
      files.getFirst().full(true);
      run.batch(Fixture.frame(2, "a", 1));
      assertThatThrownBy(run::finish).hasMessageContaining("No space");
    }
    assertThat(directory.resolve("out.csv")).doesNotExist();
    assertThat(text("out.csv.part")).contains("1000,1,a,0,1.0");
  }

  @Test
  void arestartedNodeGoesOnInTheSameFile() throws Exception {
    try (var context = context()) {
      for (int i = 1; i <= 3; i++) {
        try (var run = NodeHarness.open(sink("{path: out.csv, format: csv}"), context)) {
          run.batch(Fixture.frame(i, "a", i));
        }
      }
    }
    assertThat(text("out.csv").lines()).hasSize(4).endsWith("3000,3,a,0,3.0");
  }

  @Test
  void restoringCutsOffWhatCameAfterTheCheckpoint() throws Exception {
    for (boolean append : new boolean[] {false, true}) {
      for (boolean ended : new boolean[] {false, true}) {
        var name = "out-" + append + "-" + ended + ".jsonl";
        var config = "{path: " + name + ", append: " + append + "}";
        byte[] state;
        var first = sink(config);
        var lost = context(); // a killed process closes nothing
        var killed = NodeHarness.open(first, lost);
        killed.batch(Fixture.frames(1, 3), null);
        state = Fixture.saved(first);
        killed.batch(Fixture.frames(4, 5), null);
        if (ended) {
          killed.finish();
        }
        var second = sink(config);
        try (var context = context();
            var run = NodeHarness.open(second, context)) {
          Fixture.restore(second, state);
          run.batch(Fixture.frames(4, 2), null).finish();
        }
        assertThat(frames("{path: " + name + "}")).isEqualTo(Fixture.frames(1, 5));
        lost.close();
      }
    }
  }

  @Test
  void aFileThatIsShorterThanTheCheckpointSaysIsNotTakenUp() throws Exception {
    var first = sink("{path: a.jsonl, append: true}");
    byte[] state;
    try (var context = context();
        var run = NodeHarness.open(first, context)) {
      run.batch(Fixture.frames(1, 3), null);
      state = Fixture.saved(first);
    }
    Files.writeString(directory.resolve("a.jsonl"), "x");
    try (var context = context()) {
      var second = sink("{path: a.jsonl, append: true}");
      second.open(context);
      assertThatThrownBy(() -> Fixture.restore(second, state))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("1 bytes");
      second.close();
    }
  }

  @Test
  void whatAFormatHasNoPlaceForIsRefused() throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink("{path: out.csv, format: csv}"), context)) {
      run.batch(Frame.json(1, 1, "{}"), Fixture.frame(2, "line\nend", 1), Frame.trigger(3, 3));
      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("no_samples", "channel_name");
    }
    try (var context = context();
        var run = NodeHarness.open(sink("{path: out.jsonl}"), context)) {
      run.batch(Frame.json(1, 1, "{"));
      assertThat(context.rejections()).hasSize(1);
    }
  }

  @Test
  void aPathThatLeavesTheDataDirectoryOrCannotBeWrittenIsAProblem() throws Exception {
    try (var context = context()) {
      assertThatThrownBy(() -> sink("{path: ../x}").open(context))
          .isInstanceOf(ProblemException.class);
      Files.createDirectories(directory.resolve("folder"));
      assertThatThrownBy(() -> sink("{path: folder, append: true}").open(context))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("cannot be written");
    }
  }

  /// What a sink writes, a source reads: random frames through both formats.
  @Test
  void framesComeBackAsTheyWere() throws Exception {
    for (int seed = 0; seed < 40; seed++) {
      var random = new java.util.Random(seed);
      var frames = new ArrayList<Frame>();
      for (int i = 0; i < 20; i++) {
        var channels = new java.util.HashMap<String, double[]>();
        for (int c = 1 + random.nextInt(3); c > 0; c--) {
          var values = new double[1 + random.nextInt(4)];
          for (int v = 0; v < values.length; v++) {
            values[v] = Double.longBitsToDouble(random.nextLong());
            values[v] = Double.isNaN(values[v]) ? Double.NaN : values[v];
          }
          channels.put(
              List.of("a", "b,c", "d\"", " e", "\u00FC\uD83D\uDE00", "").get(random.nextInt(6)),
              values);
        }
        frames.add(new Frame(random.nextLong(), i * 7L, Samples.of(channels), Metadata.NONE));
      }
      for (var format : FileFormat.values()) {
        var name = "r" + seed + "." + format;
        write("{path: " + name + ", format: " + format + "}", frames.toArray(Frame[]::new));
        assertThat(frames("{path: " + name + ", format: " + format + "}"))
            .as("seed %d, %s", seed, format)
            .isEqualTo(frames);
      }
    }
  }

  @Test
  void keepsTheContractOfANode() throws Exception {
    assertThat(sink("{path: x}").execution()).isEqualTo(Execution.NATIVE);
    for (var format : FileFormat.values()) {
      NodeHarness.processor(() -> sink("{path: h.txt, format: " + format + "}"))
          .inputs(Fixture.frames(1, 100))
          .check();
    }
  }

  @Test
  void theNamesOfTheTypes() {
    assertThat(FileTypes.ALL)
        .extracting(NodeType::name)
        .isEqualTo(List.of("FileSource", "FileSink", "WavSource", "WavSink"));
  }

  private void write(String config, Frame... frames) throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink(config), context)) {
      run.batch(frames).finish();
      assertThat(run.failures()).isEmpty();
      assertThat(run.outputs()).isEmpty();
    }
  }

  private List<Frame> frames(String config) throws Exception {
    var source = (FileSource) Fixture.node(FileTypes.FILE_SOURCE, config);
    try (var context = context();
        var run = NodeHarness.open(source, context)) {
      run.pollUntil(1_000, 64);
      assertThat(context.rejections()).isEmpty();
      return run.outputs();
    }
  }

  private String text(String name) throws IOException {
    return Files.readString(directory.resolve(name));
  }

  private TestNodeContext context() {
    return new TestNodeContext(directory);
  }

  private static FileSink sink(String config) {
    return (FileSink) Fixture.node(FileTypes.FILE_SINK, config);
  }
}
