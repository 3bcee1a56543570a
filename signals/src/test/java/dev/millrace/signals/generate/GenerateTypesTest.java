package dev.millrace.signals.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import dev.millrace.core.node.Processor;
import dev.millrace.signals.process.Holding;
import dev.millrace.signals.process.Nodes;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What all generators promise.
class GenerateTypesTest {
  private static final String SMALL = "{\"frame_size\": 37, \"sample_rate\": 8000}";

  static Stream<NodeType<?>> types() {
    return GenerateTypes.ALL.stream();
  }

  @Test
  void everyGeneratorIsFoundByItsNamesAndShownAsASourceThatTriggersDrive() {
    var catalogue = new NodeCatalogue(GenerateTypes.ALL);
    for (var name :
        List.of(
            "SineGenerator",
            "sinegenerator",
            "Noise",
            "noise",
            "Chirp",
            "chirp",
            "Square",
            "square",
            "Triangle",
            "triangle",
            "Impulse",
            "impulse")) {
      var palette = catalogue.find(name).orElseThrow().palette();
      assertThat(palette.category()).isEqualTo(Palette.Category.SOURCES);
      assertThat(palette.in()).isEqualTo(DataType.TRIGGER);
      assertThat(palette.out()).isEqualTo(DataType.AUDIO_FRAME);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void keepsTheContractOfANode(NodeType<?> type) throws Exception {
    var triggers = LongStream.range(0, 200).mapToObj(i -> Frame.trigger(i * 10, i)).toList();
    var made = NodeHarness.processor(() -> Nodes.node(type, SMALL)).inputs(triggers).check();
    assertThat(made).hasSize(200);
  }

  @ParameterizedTest
  @MethodSource("types")
  void keepsTimestampSequenceMetadataAndOtherChannels(NodeType<?> type) throws Exception {
    var given =
        new Frame(
            17, 5, Samples.of("other", new double[] {1, 2}), Metadata.NONE.with("trigger_id", "x"));

    var made = run(Nodes.node(type, SMALL), List.of(given)).getFirst();

    assertThat(made.timestampMicros()).isEqualTo(17);
    assertThat(made.sequence()).isEqualTo(5);
    assertThat(made.metadata().entries())
        .isEqualTo(Map.of("trigger_id", "x", "sample_rate", "8000"));
    assertThat(Nodes.channel(made, "other")).containsExactly(1, 2);
    assertThat(Nodes.channel(made, "main_channel")).hasSize(37);
  }

  @ParameterizedTest
  @MethodSource("types")
  void writesTheChannelItIsToldTo(NodeType<?> type) throws Exception {
    var node = Nodes.node(type, "{\"channel\": \"left\", \"frame_size\": 4}");
    var body = run(node, List.of(Frame.trigger(0, 0))).getFirst().body();
    assertThat(body)
        .isInstanceOfSatisfying(
            Samples.class,
            samples -> {
              assertThat(samples.channels()).containsOnlyKeys("left");
            });
  }

  @ParameterizedTest
  @MethodSource("types")
  void aSampleRateThatIsThereStays(NodeType<?> type) throws Exception {
    var given = new Frame(0, 0, Body.EMPTY, Metadata.NONE.with("sample_rate", "96000"));
    var made = run(Nodes.node(type, SMALL), List.of(given)).getFirst();
    assertThat(made.metadata().entries()).containsEntry("sample_rate", "96000");
  }

  @ParameterizedTest
  @MethodSource("types")
  void threeFreshNodesGiveThreeIdenticalFrames(NodeType<?> type) throws Exception {
    var first = run(Nodes.node(type, "{}"), List.of(Frame.trigger(0, 0)));
    assertThat(run(Nodes.node(type, "{}"), List.of(Frame.trigger(0, 0)))).isEqualTo(first);
    assertThat(run(Nodes.node(type, "{}"), List.of(Frame.trigger(0, 0)))).isEqualTo(first);
    assertThat(Nodes.channel(first.getFirst(), "main_channel")).hasSize(1_024);
  }

  @ParameterizedTest
  @MethodSource("types")
  void continuesBitForBitFromACheckpointWhereverItWasTaken(NodeType<?> type) throws Exception {
    long seed = 42;
    var random = new Random(seed);
    var config =
        type.equals(GenerateTypes.SINE)
            ? "{\"frame_size\": 1500}"
            : "{\"frame_size\": 1500, \"seed\": 7}";
    var triggers = LongStream.range(0, 60).mapToObj(i -> Frame.trigger(i, i)).toList();
    var straight = run(Nodes.node(type, config), triggers);

    var interrupted = new ArrayList<Frame>();
    try (var context = new TestNodeContext()) {
      var node = opened(Nodes.node(type, config), context);
      for (var trigger : triggers) {
        if (random.nextInt(5) == 0) {
          var state = Nodes.saved(node);
          node = opened(Nodes.node(type, config), context);
          Nodes.restore(node, state);
        }
        interrupted.addAll(Holding.detached(List.of(node), trigger));
      }
    }

    assertThat(interrupted).as("seed " + seed).isEqualTo(straight);
  }

  @ParameterizedTest
  @MethodSource("types")
  void aStateThatIsNoneIsRefused(NodeType<?> type) {
    var node = Nodes.node(type, "{}");
    assertThatThrownBy(() -> Nodes.restore(node, new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 0}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 9");
    assertThatThrownBy(() -> Nodes.restore(node, new byte[] {1, 0}))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aStateOfAnotherConfigIsRefusedWhereItCannotBe() throws Exception {
    byte[] far = {1, 0, 0, 0, 0, 0x7F, 0, 0, 0};
    for (var type : List.of(GenerateTypes.CHIRP, GenerateTypes.IMPULSE)) {
      assertThatThrownBy(() -> Nodes.restore(Nodes.node(type, "{}"), far))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("2130706432");
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void noSampleArrayIsMadeInSteadyState(NodeType<?> type) throws Exception {
    try (var context = new TestNodeContext()) {
      var node = opened(Nodes.node(type, SMALL), context);
      Holding.through(List.of(node), Frame.trigger(0, 0), frame -> {});
      long made = context.samples().made();
      for (int i = 1; i < 1_000; i++) {
        Holding.through(
            List.of(node),
            Frame.trigger(0, i),
            frame -> assertThat(Nodes.channel(frame, "main_channel")).doesNotContain(Double.NaN));
      }
      assertThat(context.samples().made()).isEqualTo(made);
      assertThat(context.samples().inUse()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void valuesOutOfRangeAreProblemsThatNameTheKey(NodeType<?> type) {
    assertThat(Nodes.problems(type, "{\"frame_size\": 0}"))
        .containsExactly("frame_size is 0; it must be from 1 to 16777216");
    assertThat(Nodes.problems(type, "{\"sample_rate\": 0}"))
        .containsExactly("sample_rate is 0.0; it must be above 0");
    assertThat(Nodes.problems(type, "{\"amplitude\": -0.5, \"sample_rate\": 1.5}")).isEmpty();
  }

  static List<Frame> run(Processor node, List<Frame> frames) throws Exception {
    try (var context = new TestNodeContext()) {
      opened(node, context);
      var made = new ArrayList<Frame>();
      for (var frame : frames) {
        made.addAll(Holding.detached(List.of(node), frame));
      }
      return made;
    }
  }

  static Processor opened(Processor node, TestNodeContext context) throws Exception {
    node.open(context);
    return node;
  }
}
