package dev.millrace.signals.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleTag;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FftNodeTest {

  @Test
  void keepsTheContractOfANode() throws Exception {
    var random = new Random(1);
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < 60; i++) {
      frames.add(Nodes.frame(i, Map.of("a", Nodes.noise(random, i), "b", new double[0])));
    }
    NodeHarness.processor(() -> Nodes.node(ProcessTypes.FFT, "{}")).inputs(frames).check();
  }

  @Test
  void anyLengthGivesThePowersOfTheTextbookTransform() throws Exception {
    var random = new Random(2);
    var lengths =
        IntStream.concat(
            IntStream.rangeClosed(1, 70), IntStream.of(97, 211, 422, 480, 509, 633, 1_000, 1_021));
    for (int n : lengths.toArray()) {
      var samples = Nodes.noise(random, n);
      var got = spectrum("{\"window_type\": \"rect\", \"output\": \"power\"}", samples);
      var wanted = powers(samples, n);
      assertThat(got).as("length " + n).containsExactly(wanted, within(1e-9 * n));
    }
  }

  @Test
  void randomWindowsSizesAndScalesAreTheTextbooks() throws Exception {
    long seed = 3;
    var random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      var window = List.of(Window.values()).get(random.nextInt(4));
      var scale = List.of(SpectrumScale.values()).get(random.nextInt(3));
      int length = 1 + random.nextInt(90);
      int size = random.nextBoolean() ? length : 1 + random.nextInt(140);
      var samples = Nodes.noise(random, length);
      var config =
          "{\"window_type\": \"%s\", \"output\": \"%s\", \"size\": %d}"
              .formatted(window, scale, size)
              .toLowerCase(java.util.Locale.ROOT);

      var got = spectrum(config, samples);

      var stretch = Arrays.copyOf(samples, Math.min(length, size));
      for (int i = 0; i < stretch.length; i++) {
        stretch[i] *= textbook(window, i, stretch.length);
      }
      var wanted = powers(stretch, size);
      for (int k = 0; k < wanted.length; k++) {
        double magnitude = Math.sqrt(wanted[k]);
        double value =
            switch (scale) {
              case DB -> 20 * Math.log10(magnitude + 1e-10);
              case MAGNITUDE -> magnitude;
              case POWER -> wanted[k];
            };
        // Far beneath the floor decibels are rounding noise.
        double tolerance = scale == SpectrumScale.DB && magnitude < 1e-8 ? 20 : 1e-6;
        assertThat(got[k])
            .as("seed %d, %s, length %d, bin %d", seed, config, length, k)
            .isCloseTo(value, within(tolerance));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"hann, 0, 1", "hamming, 0.08, 1", "blackman, 0, 1", "rect, 1, 1"})
  void windowsAreSymmetricWithTheirEndsAndMiddle(String name, double end, double middle) {
    var window = Window.valueOf(name.toUpperCase(java.util.Locale.ROOT)).of(9);
    assertThat(window[0]).isCloseTo(end, within(1e-12));
    assertThat(window[4]).isCloseTo(middle, within(1e-12));
    for (int i = 0; i < 9; i++) {
      assertThat(window[i]).isCloseTo(window[8 - i], within(1e-12));
    }
  }

  @Test
  void aWindowOfOneSampleIsOne() {
    for (var window : Window.values()) {
      assertThat(window.of(1)).containsExactly(1);
    }
  }

  @Test
  void aSineStandsInItsBinAndSilenceAtTheFloor() throws Exception {
    var sine = new double[1_024];
    for (int i = 0; i < sine.length; i++) {
      sine[i] = Math.sin(2 * Math.PI * 100 * i / 1_024);
    }
    var rect = spectrum("{\"window_type\": \"rect\"}", sine);
    assertThat(rect).hasSize(513);
    assertThat(rect[100]).isCloseTo(20 * Math.log10(512), within(1e-9));
    assertThat(rect[300]).isLessThan(-180);
    assertThat(spectrum("{}", new double[16])).containsOnly(20 * Math.log10(1e-10));
  }

  @Test
  void metadataSayTheSizeAndTheWidthOfABin() throws Exception {
    var frame = Nodes.frame(1, "x", new double[1_000]);
    assertThat(made("{}", frame).metadata().entries())
        .isEqualTo(Map.of("fft_size", "1000", "bin_hz", "48"));
    assertThat(made("{\"size\": 1024}", frame).metadata().entries())
        .isEqualTo(Map.of("fft_size", "1024", "bin_hz", "46.875"));
    var rated = frame.withMetadata(Metadata.NONE.with("sample_rate", "8000"));
    assertThat(made("{}", rated).metadata().entries())
        .isEqualTo(Map.of("fft_size", "1000", "bin_hz", "8", "sample_rate", "8000"));
  }

  @Test
  void aChannelOfAnotherLengthHasMetadataOfItsOwn() throws Exception {
    var frame = Nodes.frame(1, Map.of("a", new double[8], "b", new double[16]));
    assertThat(made("{}", frame).metadata().entries())
        .isEqualTo(
            Map.of("fft_size", "8", "bin_hz", "6000", "fft_size.b", "16", "bin_hz.b", "3000"));
  }

  @Test
  void emptyChannelsStayEmptyAndUnnamedOnesAsTheyAre() throws Exception {
    var empty = Nodes.frame(1, "x");
    assertThat(made("{\"size\": 8}", empty)).isEqualTo(empty);
    double[] other = {1};
    var frame = Nodes.frame(1, Map.of("a", new double[4], "b", other));
    var made = made("{\"channels\": [\"a\"]}", frame);
    assertThat(Nodes.channel(made, "b")).isSameAs(other);
    assertThat(Nodes.channel(made, "a")).hasSize(3);
  }

  @Test
  void notesOnSamplesEndHere() throws Exception {
    var tagged = Samples.of("x", new double[4]).withTags(List.of(new SampleTag(2, "beat", "1")));
    assertThat(made("{}", Frame.trigger(0, 1).withBody(tagged)).body())
        .isInstanceOfSatisfying(Samples.class, samples -> assertThat(samples.tags()).isEmpty());
  }

  @Test
  void manyLengthsInTurnAreAllRight() throws Exception {
    var random = new Random(4);
    try (var context = new TestNodeContext()) {
      var node = Nodes.node(ProcessTypes.FFT, "{\"window_type\": \"rect\", \"output\": \"power\"}");
      node.open(context);
      for (int i = 0; i < 200; i++) {
        var samples = Nodes.noise(random, 1 + random.nextInt(20));
        Holding.through(
            List.of(node),
            Nodes.frame(i, "x", samples),
            frame ->
                assertThat(Nodes.channel(frame, "x"))
                    .containsExactly(powers(samples, samples.length), within(1e-9)));
      }
    }
  }

  @Test
  void noSampleArrayIsMadeInSteadyState() throws Exception {
    try (var context = new TestNodeContext()) {
      var node = Nodes.node(ProcessTypes.FFT, "{}");
      node.open(context);
      var input = Nodes.frame(1, "x", Nodes.noise(new Random(5), 256));
      Holding.through(List.of(node), input, frame -> {});
      long made = context.samples().made();
      for (int i = 0; i < 500; i++) {
        Holding.through(
            List.of(node),
            input,
            frame -> assertThat(Nodes.channel(frame, "x")).doesNotContain(Double.NaN));
      }
      assertThat(context.samples().made()).isEqualTo(made);
      assertThat(context.samples().inUse()).isZero();
    }
  }

  @Test
  void everyTypeIsFoundByItsNames() {
    var catalogue = new NodeCatalogue(ProcessTypes.ALL);
    var names =
        List.of(
            "Gain",
            "GainNode",
            "gainnode",
            "gain",
            "FFTNode",
            "FFT",
            "fftnode",
            "fft",
            "FilterNode",
            "Filter",
            "filternode",
            "filter");
    assertThat(catalogue.names()).containsExactlyInAnyOrderElementsOf(names);
    assertThat(catalogue.types().stream().map(type -> type.palette().title()))
        .containsExactly("Gain", "FFT", "Filter");
    assertThat(ProcessTypes.FFT.palette().out()).isEqualTo(DataType.FFT_RESULT);
    assertThat(ProcessTypes.FILTER.stateless()).isFalse();
    assertThat(ProcessTypes.GAIN.stateless()).isTrue();
  }

  @Test
  void configsThatMakeNoSpectrumAreProblems() {
    assertThat(Nodes.problems(ProcessTypes.FFT, "{\"size\": 0}")).hasSize(1);
    assertThat(Nodes.problems(ProcessTypes.FFT, "{\"sample_rate\": 0}")).hasSize(1);
    assertThat(Nodes.problems(ProcessTypes.FFT, "{\"window_type\": \"kaiser\"}")).hasSize(1);
  }

  private static double[] spectrum(String config, double[] samples) throws Exception {
    return Nodes.channel(made(config, Nodes.frame(1, "x", samples)), "x");
  }

  private static Frame made(String config, Frame frame) throws Exception {
    return NodeHarness.run(Nodes.node(ProcessTypes.FFT, config), List.of(frame)).getFirst();
  }

  private static double textbook(Window window, int i, int n) {
    double x = n == 1 ? 0 : 2 * Math.PI * i / (n - 1);
    return n == 1
        ? 1
        : switch (window) {
          case HANN -> 0.5 - 0.5 * Math.cos(x);
          case HAMMING -> 0.54 - 0.46 * Math.cos(x);
          case BLACKMAN -> 0.42 - 0.5 * Math.cos(x) + 0.08 * Math.cos(2 * x);
          case RECT -> 1;
        };
  }

  /// |X|² by the definition.
  private static double[] powers(double[] samples, int n) {
    var powers = new double[n / 2 + 1];
    for (int k = 0; k < powers.length; k++) {
      double real = 0;
      double imaginary = 0;
      for (int i = 0; i < samples.length; i++) {
        double angle = 2 * Math.PI * ((long) i * k % n) / n;
        real += samples[i] * Math.cos(angle);
        imaginary -= samples[i] * Math.sin(angle);
      }
      powers[k] = real * real + imaginary * imaginary;
    }
    return powers;
  }
}
