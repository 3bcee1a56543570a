package dev.millrace.signals.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.Alias;
import dev.millrace.core.spec.Hint;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterNodeTest {
  private static final double RATE = 48_000;

  @Test
  void keepsTheContractOfANode() throws Exception {
    var random = new Random(2);
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < 100; i++) {
      frames.add(
          Nodes.frame(i, Map.of("a", Nodes.noise(random, i % 7), "b", Nodes.noise(random, 20))));
    }
    NodeHarness.processor(() -> Nodes.node(ProcessTypes.FILTER, "{}")).inputs(frames).check();
  }

  @Test
  void tenFramesOfAHundredAreOneOfAThousand() throws Exception {
    var samples = Nodes.noise(new Random(3), 1_000);
    var whole = filtered("{}", samples, 1_000);
    for (int size : List.of(1, 2, 3, 100)) {
      assertThat(filtered("{}", samples, size)).containsExactly(whole);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {20, 100, 1_000, 5_000, 20_000})
  void lowpassPassesConstantsAndIsThreeDecibelsDownAtTheCorner(double cutoff) {
    var config = "{\"cutoff_hz\": " + cutoff + "}";
    assertThat(decibels(config, 1e-6)).isCloseTo(0, within(1e-6));
    assertThat(decibels(config, cutoff)).isCloseTo(-3.01, within(0.05));
    assertThat(decibels(config, RATE / 2 - 1e-3)).isLessThan(-60);
  }

  @Test
  void aConstantComesOutOfALowpassUnchanged() throws Exception {
    var constant = new double[20_000];
    Arrays.fill(constant, 0.7);
    assertThat(filtered("{\"cutoff_hz\": 100}", constant, 1_024)[19_999])
        .isCloseTo(0.7, within(1e-9));
  }

  @Test
  void highpassStopsConstantsAndPassesTheTop() {
    var config = "{\"filter_type\": \"highpass\", \"cutoff_hz\": 1000}";
    assertThat(decibels(config, 1e-3)).isLessThan(-200);
    assertThat(decibels(config, 1_000)).isCloseTo(-3.01, within(0.05));
    assertThat(decibels(config, RATE / 2 - 1e-3)).isCloseTo(0, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.70710678, 5, 30})
  void bandpassPeaksAtZeroDecibelsWhateverItsQuality(double q) {
    var config = "{\"filter_type\": \"bandpass\", \"cutoff_hz\": 3000, \"q\": " + q + "}";
    assertThat(decibels(config, 3_000)).isCloseTo(0, within(1e-9));
    for (double frequency = 100; frequency < 24_000; frequency += 100) {
      assertThat(decibels(config, frequency)).isLessThan(1e-9);
    }
  }

  @Test
  void notchTakesOutOneFrequencyAlone() {
    var config = "{\"filter_type\": \"notch\", \"cutoff_hz\": 50, \"q\": 10}";
    assertThat(decibels(config, 50)).isLessThan(-200);
    assertThat(decibels(config, 1e-6)).isCloseTo(0, within(1e-6));
    assertThat(decibels(config, 1_000)).isCloseTo(0, within(0.01));
  }

  @ParameterizedTest
  @EnumSource(FilterType.class)
  void doesWhatItsCoefficientsSay(FilterType type) throws Exception {
    var config = "{\"filter_type\": \"" + type.name().toLowerCase(java.util.Locale.ROOT) + "\"}";
    var samples = Nodes.noise(new Random(4), 3_000);
    var biquad = type.design(1_000, RATE, 0.70710678);
    var wanted = new Naive(biquad).filter(samples);
    var got = filtered(config, samples, 512);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(got[i]).as("sample " + i).isCloseTo(wanted[i], within(1e-12));
    }
  }

  /// Zölzer's form, which has the tangent of half the angle where the node has sine and cosine.
  @Test
  void theDesignsAreThoseOfTheTangentForm() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      double rate = 8_000 + random.nextInt(184_000);
      double cutoff = 1 + random.nextDouble() * (rate / 2 - 2);
      double q = 0.1 + 30 * random.nextDouble();
      double k = Math.tan(Math.PI * cutoff / rate);
      double norm = 1 / (1 + k / q + k * k);
      double a1 = 2 * (k * k - 1) * norm;
      double a2 = (1 - k / q + k * k) * norm;
      var wanted =
          java.util.Map.of(
              FilterType.LOWPASS, new double[] {k * k, 2 * k * k, k * k},
              FilterType.HIGHPASS, new double[] {1, -2, 1},
              FilterType.BANDPASS, new double[] {k / q, 0, -k / q},
              FilterType.NOTCH, new double[] {1 + k * k, 2 * (k * k - 1), 1 + k * k});
      for (var type : FilterType.values()) {
        var b = wanted.getOrDefault(type, new double[3]);
        var got = type.design(cutoff, rate, q);
        assertThat(new double[] {got.b0(), got.b1(), got.b2(), got.a1(), got.a2()})
            .as("seed %d: %s of %s Hz at %s, q %s", seed, type, cutoff, rate, q)
            .containsExactly(
                new double[] {b[0] * norm, b[1] * norm, b[2] * norm, a1, a2}, within(1e-9));
      }
    }
  }

  @Test
  void hugeFiniteValuesAreFilteredAsOthersHoweverTheyAreCut() throws Exception {
    var samples = new double[100];
    Arrays.fill(samples, 1e308);
    assertThat(filtered("{}", samples, 10)).containsExactly(filtered("{}", samples, 100));
  }

  @Test
  void aQualityThatLeavesNoFilterIsAnErrorOfTheNode() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(Nodes.node(ProcessTypes.FILTER, "{\"q\": 1e-320}"), context)) {
      run.batch(Nodes.frame(1, "x", 1, 2));
      assertThat(run.failures().getFirst()).hasMessageContaining("no filter of q");
    }
  }

  @Test
  void ofAFrameWithManyChannelsAFewMayBeFiltered() throws Exception {
    var channels = new TreeMap<String, double[]>();
    for (int i = 0; i <= FilterNode.MOST_CHANNELS; i++) {
      channels.put("c" + i, new double[] {1});
    }
    try (var context = new TestNodeContext()) {
      var node = Nodes.node(ProcessTypes.FILTER, "{\"channels\": [\"c7\"]}");
      node.open(context);
      var made = Holding.detached(List.of(node), Nodes.frame(1, channels)).getFirst();
      assertThat(Nodes.channel(made, "c7")[0]).isNotEqualTo(1);
      assertThat(Nodes.channel(made, "c8")[0]).isEqualTo(1);
    }
  }

  @Test
  void channelsComeAndGoWithoutTouchingEachOther() throws Exception {
    for (long seed = 1; seed <= 5; seed++) {
      walk(seed);
    }
  }

  /// Random frames, lengths, rates and checkpoints beside one naive filter per channel.
  private static void walk(long seed) throws Exception {
    var random = new Random(seed);
    var models = new HashMap<String, Naive>();
    try (var context = new TestNodeContext()) {
      var node = opened("{\"cutoff_hz\": 300}", context);
      for (int step = 0; step < 300; step++) {
        double rate = random.nextInt(10) == 0 ? 44_100 : 48_000;
        var channels = new TreeMap<String, double[]>();
        for (int i = random.nextInt(4); i > 0; i--) {
          channels.put("c" + random.nextInt(5), Nodes.noise(random, random.nextInt(40)));
        }
        var frame =
            Nodes.frame(step, channels)
                .withMetadata(Metadata.NONE.with("sample_rate", Double.toString(rate)));
        var made = Holding.detached(List.of(node), frame).getFirst();
        var biquad = FilterType.LOWPASS.design(300, rate, 0.70710678);
        for (var entry : channels.entrySet()) {
          var model = models.computeIfAbsent(entry.getKey(), any -> new Naive(biquad));
          model.biquad = biquad;
          var wanted = model.filter(entry.getValue());
          assertThat(Nodes.channel(made, entry.getKey()))
              .as("seed %d, step %d", seed, step)
              .containsExactly(wanted, within(1e-12));
        }
        if (random.nextInt(20) == 0) {
          var state = Nodes.saved(node);
          node = opened("{\"cutoff_hz\": 300}", context);
          Nodes.restore(node, state);
        }
      }
    }
  }

  @Test
  void aCornerThatTheRateCannotHaveIsAnErrorThatNamesBoth() throws Exception {
    try (var context = new TestNodeContext();
        var run =
            NodeHarness.open(Nodes.node(ProcessTypes.FILTER, "{\"cutoff_hz\": 4000}"), context)) {
      var slow = Metadata.NONE.with("sample_rate", "8000");
      run.batch(
          Nodes.frame(1, "x", 1, 2).withMetadata(slow),
          Nodes.frame(2, "x", 1, 2),
          Nodes.frame(3, "x", 1).withMetadata(Metadata.NONE.with("sample_rate", "fast")));
      assertThat(run.failures()).hasSize(2);
      assertThat(run.failures().get(0))
          .hasMessage("cutoff_hz 4000 is not below half of the sample rate 8000");
      assertThat(run.failures().get(1)).hasMessageContaining("sample_rate is \"fast\"");
      assertThat(run.outputs()).hasSize(1);
    }
  }

  @Test
  void theRateIsTheFramesElseTheConfigsElse48000() throws Exception {
    var samples = Nodes.noise(new Random(5), 100);
    var at8000 = new Naive(FilterType.LOWPASS.design(1_000, 8_000, 0.70710678)).filter(samples);
    assertThat(filtered("{\"sample_rate\": 8000}", samples, 100))
        .containsExactly(at8000, within(1e-12));
    var at48000 = new Naive(FilterType.LOWPASS.design(1_000, RATE, 0.70710678)).filter(samples);
    assertThat(filtered("{}", samples, 100)).containsExactly(at48000, within(1e-12));
  }

  @Test
  void silenceBecomesExactZeroAndNoSmallNumbersRemain() throws Exception {
    var fading = new double[200_000];
    fading[0] = 1;
    var out = filtered("{\"cutoff_hz\": 2000}", fading, 1_000);
    assertThat(out[199_999]).isZero();
    assertThat(Arrays.stream(out).filter(x -> x != 0 && Math.abs(x) < Double.MIN_NORMAL)).isEmpty();
  }

  @Test
  void aValueThatIsNoNumberSpoilsItsFrameAndNotTheStream() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(Nodes.node(ProcessTypes.FILTER, "{}"), context)) {
      run.batch(
          Nodes.frame(1, "x", 1, Double.NaN, 1),
          Nodes.frame(2, "x", 1, 2, 3),
          Nodes.frame(3, "x", Double.POSITIVE_INFINITY),
          Nodes.frame(4, "x", 1, 2, 3));
      var fresh = filtered("{}", new double[] {1, 2, 3}, 3);
      assertThat(Nodes.channel(run.outputs().get(1), "x")).containsExactly(fresh);
      assertThat(Nodes.channel(run.outputs().get(3), "x")).containsExactly(fresh);
    }
  }

  @Test
  void aChannelThatHasBeenAwayLongestIsForgottenFirst() throws Exception {
    try (var context = new TestNodeContext()) {
      var node = opened("{}", context);
      var first = Holding.detached(List.of(node), Nodes.frame(0, "old", 1)).getFirst();
      for (int i = 0; i < FilterNode.MOST_CHANNELS; i++) {
        Holding.through(List.of(node), Nodes.frame(i, "c" + i, 1), frame -> {});
      }
      assertThat(Holding.detached(List.of(node), Nodes.frame(0, "old", 1)).getFirst())
          .isEqualTo(first);
      assertThat(Nodes.saved(node).length).isLessThan(64 * FilterNode.MOST_CHANNELS);
    }
  }

  @Test
  void moreChannelsThanItRemembersAreAnErrorThatNamesBothNumbers() throws Exception {
    var channels = new TreeMap<String, double[]>();
    for (int i = 0; i <= FilterNode.MOST_CHANNELS; i++) {
      channels.put("c" + i, new double[1]);
    }
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(Nodes.node(ProcessTypes.FILTER, "{}"), context)) {
      run.batch(Nodes.frame(1, channels));
      assertThat(run.failures().getFirst())
          .hasMessageContaining("1025")
          .hasMessageContaining("1024");
    }
  }

  @Test
  void configsThatMakeNoFilterAreProblems() {
    assertThat(Nodes.problems(ProcessTypes.FILTER, "{\"cutoff_hz\": 0}"))
        .containsExactly(
            "cutoff_hz is 0, which is beyond what usually makes sense",
            "cutoff_hz is 0.0; it must be above 0");
    assertThat(Nodes.problems(ProcessTypes.FILTER, "{\"q\": -1}"))
        .containsExactly("q is -1.0; it must be above 0");
    assertThat(Nodes.problems(ProcessTypes.FILTER, "{\"filter_type\": \"comb\"}")).hasSize(1);
  }

  @Test
  void theTypeMayAlsoBeCalledTypeAndTheRangeOfTheCornerIsAHint() {
    var components = FilterNode.Config.class.getRecordComponents();
    assertThat(components[0].getAnnotation(Alias.class).value()).containsExactly("type");
    var hint = components[1].getAnnotation(Hint.class);
    assertThat(List.of(hint.min(), hint.max())).containsExactly(20.0, 20_000.0);
    assertThat(hint.warns()).isTrue();
  }

  @Test
  void onlyNamedChannelsAreFiltered() throws Exception {
    double[] other = {1, 2};
    var frame = Nodes.frame(1, Map.of("a", new double[] {1}, "b", other));
    var node = Nodes.node(ProcessTypes.FILTER, "{\"channels\": [\"a\"]}");
    var made = NodeHarness.run(node, List.of(frame)).getFirst();
    assertThat(Nodes.channel(made, "b")).isSameAs(other);
    assertThat(Nodes.channel(made, "a")).isNotEqualTo(new double[] {1});
  }

  @Test
  void noSampleArrayIsMadeInSteadyState() throws Exception {
    try (var context = new TestNodeContext()) {
      var node = opened("{}", context);
      var input = Nodes.frame(1, "x", Nodes.noise(new Random(6), 128));
      Holding.through(List.of(node), input, frame -> {});
      long made = context.samples().made();
      for (int i = 0; i < 1_000; i++) {
        Holding.through(
            List.of(node),
            input,
            frame -> assertThat(Nodes.channel(frame, "x")).doesNotContain(Double.NaN));
      }
      assertThat(context.samples().made()).isEqualTo(made);
    }
  }

  @FuzzTest
  void anyBytesAreAStateOrRefused(byte[] state) {
    try {
      Nodes.restore(Nodes.node(ProcessTypes.FILTER, "{}"), state);
    } catch (IOException refused) {
      assertThat(refused).isNotNull();
    }
  }

  @Test
  void statesWithFlippedBytesAreStatesOrRefused() throws Exception {
    byte[] good;
    try (var context = new TestNodeContext()) {
      var node = opened("{}", context);
      Holding.through(
          List.of(node), Nodes.frame(1, Map.of("a", new double[1], "é", new double[2])), f -> {});
      good = Nodes.saved(node);
    }
    var random = new Random(8);
    for (int i = 0; i < 3_000; i++) {
      var bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int flips = random.nextInt(4); flips > 0 && bad.length > 0; flips--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      anyBytesAreAStateOrRefused(bad);
    }
    assertThatThrownBy(() -> Nodes.restore(Nodes.node(ProcessTypes.FILTER, "{}"), new byte[] {2}))
        .isInstanceOf(IOException.class);
  }

  /// The filter as the textbook has it.
  private static final class Naive {
    private Biquad biquad;
    private final double[] x = new double[3];
    private final double[] y = new double[3];

    Naive(Biquad biquad) {
      this.biquad = biquad;
    }

    double[] filter(double[] in) {
      var out = new double[in.length];
      for (int i = 0; i < in.length; i++) {
        x[2] = x[1];
        x[1] = x[0];
        x[0] = in[i];
        y[2] = y[1];
        y[1] = y[0];
        y[0] =
            biquad.b0() * x[0]
                + biquad.b1() * x[1]
                + biquad.b2() * x[2]
                - biquad.a1() * y[1]
                - biquad.a2() * y[2];
        out[i] = y[0];
      }
      return out;
    }
  }

  /// The magnitude of the transfer function, from the coefficients.
  private static double decibels(String config, double frequency) {
    var read = new dev.millrace.core.problem.Problems();
    var tree =
        dev.millrace.core.document.Documents.parse(
                "test", config.getBytes(java.nio.charset.StandardCharsets.UTF_8), read)
            .orElseThrow();
    var given = ProcessTypes.FILTER.spec().read(tree, read).orElseThrow();
    var b = given.filterType().design(given.cutoffHz(), RATE, given.q());
    double w = 2 * Math.PI * frequency / RATE;
    double top = power(b.b0(), b.b1(), b.b2(), w);
    double bottom = power(1, b.a1(), b.a2(), w);
    return 10 * Math.log10(top / bottom);
  }

  private static double power(double c0, double c1, double c2, double w) {
    double real = c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w);
    double imaginary = c1 * Math.sin(w) + c2 * Math.sin(2 * w);
    return real * real + imaginary * imaginary;
  }

  private static double[] filtered(String config, double[] samples, int size) throws Exception {
    var out = new double[samples.length];
    try (var context = new TestNodeContext()) {
      var node = opened(config, context);
      for (int from = 0; from < samples.length; from += size) {
        int start = from;
        int length = Math.min(size, samples.length - from);
        Holding.through(
            List.of(node),
            Nodes.frame(from, "x", Arrays.copyOfRange(samples, from, from + length)),
            frame -> System.arraycopy(Nodes.channel(frame, "x"), 0, out, start, length));
      }
    }
    return out;
  }

  private static Processor opened(String config, TestNodeContext context) throws Exception {
    var node = Nodes.node(ProcessTypes.FILTER, config);
    node.open(context);
    return node;
  }
}
