package dev.millrace.signals.print;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Processor;
import dev.millrace.signals.control.Fixture;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrintTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void aFrameIsPrintedWithLengthMeanAndStrengthOfEachChannel() throws Exception {
    var samples = Samples.of(Map.of("b", new double[0], "a", new double[] {1, -1, 3, 1}));
    var frame = new Frame(1_000, 7, samples, Metadata.NONE);
    assertThat(printed(print("{}"), frame))
        .isEqualTo(
            "[Output] Frame #7 @ 1000\u03BCs\n  a: len=4, mean=1.0000, rms=1.7321\n  b: empty\n");
  }

  @Test
  void aFrameWithoutChannelsIsOneLineAndLargeNumbersAreUnsigned() throws Exception {
    assertThat(printed(print("{label: x}"), Frame.trigger(-1, -2)))
        .isEqualTo("[x] Frame #18446744073709551614 @ 18446744073709551615\u03BCs\n");
  }

  @Test
  void neitherLocaleNorCharsetChangesTheText() throws Exception {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      var latin = new PrintStream(bytes, false, StandardCharsets.ISO_8859_1);
      NodeHarness.run(
          node(Print.type(() -> latin), "{}"), List.of(Fixture.frame(1, "\u00E4", 0.5)));
      assertThat(bytes.toString(StandardCharsets.UTF_8))
          .contains("@ 1000\u03BCs")
          .contains("  \u00E4: len=1, mean=0.5000, rms=0.5000\n");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void eachFrameIsOneWriteSoThatPrintersDoNotMix() throws Exception {
    var writes = new ArrayList<String>();
    var stream =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) {
                throw new AssertionError("a single byte");
              }

              @Override
              public void write(byte[] block, int from, int length) {
                writes.add(new String(block, from, length, StandardCharsets.UTF_8));
              }
            },
            false,
            StandardCharsets.UTF_8);
    NodeHarness.run(
        node(Print.type(() -> stream), "{}"),
        List.of(
            Fixture.frame(1, Map.of("a", new double[2], "b", new double[0])), Frame.trigger(2, 2)));
    assertThat(writes).hasSize(2);
    assertThat(writes.getFirst()).endsWith("  b: empty\n");
  }

  @Test
  void theDebugSinkPrintsOneLinePerFrame() throws Exception {
    assertThat(
            printed(debug("{}"), Fixture.frame(7, Map.of("a", new double[1], "b", new double[0]))))
        .isEqualTo("[info] Frame 7 with 2 channels\n");
    bytes.reset();
    assertThat(printed(debug("{log_level: warn}"), Frame.trigger(0, 0)))
        .isEqualTo("[warn] Frame 0 with 0 channels\n");
  }

  @Test
  void aClosedOutputIsATroubleAndTheFramesGoOn() throws Exception {
    var broken =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
              }
            },
            false,
            StandardCharsets.UTF_8);
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(node(Print.type(() -> broken), "{}"), context)) {
      run.batch(Frame.trigger(1, 1));
      assertThat(run.outputs()).hasSize(1);
      assertThat(context.trouble()).contains("cannot be written");
    }
  }

  @Test
  void bothKeepTheContractOfANodeAndHandFramesOnUnchanged() throws Exception {
    var frames = Fixture.frames(1, 100);
    assertThat(NodeHarness.processor(() -> print("{}")).inputs(frames).check()).isEqualTo(frames);
    assertThat(NodeHarness.processor(() -> debug("{}")).inputs(frames).check()).isEqualTo(frames);
  }

  @Test
  void theNamesOfTheTypes() {
    assertThat(PrintTypes.all())
        .extracting(NodeType::name)
        .isEqualTo(Arrays.asList("Print", "DebugSinkNode"));
    assertThat(PrintTypes.all())
        .extracting(NodeType::aliases)
        .isEqualTo(List.of(List.of("print"), List.of("debugsinknode", "debug_sink", "DebugSink")));
  }

  private Processor print(String config) {
    return node(Print.type(this::stream), config);
  }

  private Processor debug(String config) {
    return node(DebugSink.type(this::stream), config);
  }

  private PrintStream stream() {
    return new PrintStream(bytes, false, StandardCharsets.UTF_8);
  }

  private static Processor node(NodeType<?> type, String config) {
    return (Processor) Fixture.node(type, config);
  }

  private String printed(Processor printer, Frame frame) throws Exception {
    assertThat(NodeHarness.run(printer, List.of(frame))).containsExactly(frame);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
