package dev.millrace.signals.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleTag;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.NotWith;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GainNodeTest {

  @Test
  void keepsTheContractOfANode() throws Exception {
    var random = new Random(1);
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < 100; i++) {
      frames.add(
          Nodes.frame(i, Map.of("a", Nodes.noise(random, i % 5), "b", Nodes.noise(random, i))));
    }
    NodeHarness.processor(() -> Nodes.node(ProcessTypes.GAIN, "{\"gain\": -2}"))
        .inputs(frames)
        .check();
  }

  @ParameterizedTest
  @CsvSource({"6, 1.9952623149688795", "6.0206, 2.0", "-6.0206, 0.5", "20, 10.0", "0, 1.0"})
  void decibelsAreAFactor(double decibels, double factor) throws Exception {
    var made = one("{\"gain_db\": " + decibels + "}", Nodes.frame(1, "x", 1.0, -3.0));
    assertThat(Nodes.channel(made, "x")[0]).isCloseTo(factor, within(1e-6));
    assertThat(Nodes.channel(made, "x")[1]).isCloseTo(-3 * factor, within(3e-6));
  }

  @Test
  void sixDecibelsAreExact() throws Exception {
    var made = one("{\"gain_db\": 6}", Nodes.frame(1, "x", 1.0));
    assertThat(Nodes.channel(made, "x")).containsExactly(Math.pow(10, 0.3));
  }

  @Test
  void everyChannelIsMultiplied() throws Exception {
    var made =
        one(
            "{\"gain\": 2.5}",
            Nodes.frame(1, Map.of("l", new double[] {1, 2}, "r", new double[1])));
    assertThat(Nodes.channel(made, "l")).containsExactly(2.5, 5);
    assertThat(Nodes.channel(made, "r")).containsExactly(0);
  }

  @Test
  void onlyNamedChannelsChangeAndTheOthersAreShared() throws Exception {
    double[] other = {1, 2};
    var made =
        one(
            "{\"gain\": 3, \"channels\": [\"a\", \"absent\"]}",
            Nodes.frame(1, Map.of("a", new double[] {1}, "b", other)));
    assertThat(Nodes.channel(made, "a")).containsExactly(3);
    assertThat(Nodes.channel(made, "b")).isSameAs(other);
  }

  @Test
  void zeroNegativeAndSamplesThatAreNoNumbersWork() throws Exception {
    var odd = Nodes.frame(1, "x", Double.NaN, 1, Double.POSITIVE_INFINITY);
    assertThat(Nodes.channel(one("{\"gain\": 0}", odd), "x"))
        .containsExactly(Double.NaN, 0, Double.NaN);
    assertThat(Nodes.channel(one("{\"gain\": -2}", odd), "x"))
        .containsExactly(Double.NaN, -2, Double.NEGATIVE_INFINITY);
  }

  @Test
  void whatComesInIsNotWrittenTo() throws Exception {
    double[] in = {1, 2, 3};
    one("{\"gain\": 5}", Nodes.frame(1, "x", in));
    assertThat(in).containsExactly(1, 2, 3);
  }

  @Test
  void framesWithoutSamplesGoOnAsTheyAre() throws Exception {
    var trigger = Frame.trigger(3, 4);
    assertThat(one("{\"gain\": 5}", trigger)).isSameAs(trigger);
    var empty = Nodes.frame(1, "x");
    assertThat(one("{\"gain\": 5}", empty)).isEqualTo(empty);
  }

  @Test
  void textInsteadOfSamplesIsAnErrorOfTheNode() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(Nodes.node(ProcessTypes.GAIN, "{}"), context)) {
      run.batch(Frame.json(0, 1, "{}"));
      assertThat(run.failures())
          .singleElement()
          .satisfies(
              failure -> assertThat(failure).hasMessageContaining("JSON instead of samples"));
    }
  }

  @Test
  void notesOnSamplesTravelWithThem() throws Exception {
    var tags = List.of(new SampleTag(1, "beat", "4"));
    var tagged = Frame.trigger(0, 1).withBody(Samples.of("x", new double[] {1, 2}).withTags(tags));
    assertThat(one("{\"gain\": 2}", tagged).body())
        .isInstanceOfSatisfying(
            Samples.class, samples -> assertThat(samples.tags()).isEqualTo(tags));
  }

  @Test
  void aFactorThatIsNotFiniteIsAConfigError() {
    assertThat(Nodes.problems(ProcessTypes.GAIN, "{\"gain_db\": 10000}"))
        .containsExactly("the factor of gain 1.0 and gain_db 10000.0 is not a finite number");
    assertThat(Nodes.problems(ProcessTypes.GAIN, "{\"gain\": \"2\"}")).hasSize(1);
    assertThat(Nodes.problems(ProcessTypes.GAIN, "{\"gain_db\": -6.0206}")).isEmpty();
  }

  @Test
  void theTwoKeysExcludeEachOtherAndTheHintOfDecibelsDoesNotWarn() {
    var components = GainNode.Config.class.getRecordComponents();
    assertThat(components[0].getAnnotation(NotWith.class).value()).isEqualTo("gain_db");
    assertThat(components[1].getAnnotation(NotWith.class).value()).isEqualTo("gain");
    var hint = components[1].getAnnotation(Hint.class);
    assertThat(List.of(hint.min(), hint.max())).containsExactly(0.0, 80.0);
    assertThat(hint.warns()).isFalse();
  }

  @Test
  void noSampleArrayIsMadeInSteadyState() throws Exception {
    try (var context = new TestNodeContext()) {
      var first = Nodes.node(ProcessTypes.GAIN, "{\"gain\": 2}");
      var second = Nodes.node(ProcessTypes.GAIN, "{\"gain_db\": 3}");
      first.open(context);
      second.open(context);
      double[] ones = new double[256];
      Arrays.fill(ones, 1);
      var input = Nodes.frame(1, Map.of("a", ones, "b", ones));
      Holding.through(List.of(first, second), input, frame -> {});
      long made = context.samples().made();
      for (int i = 0; i < 1_000; i++) {
        Holding.through(
            List.of(first, second),
            input,
            frame ->
                assertThat(Nodes.channel(frame, "b")).containsOnly(2 * Math.pow(10, 3 / 20.0)));
      }
      assertThat(context.samples().made()).isEqualTo(made);
      assertThat(context.samples().inUse()).isZero();
    }
  }

  private static Frame one(String config, Frame frame) throws Exception {
    return NodeHarness.run(Nodes.node(ProcessTypes.GAIN, config), List.of(frame)).getFirst();
  }
}
