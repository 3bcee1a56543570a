package dev.millrace.signals.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.frame.Frame;
import dev.millrace.signals.process.Holding;
import dev.millrace.signals.process.Nodes;
import dev.millrace.signals.process.ProcessTypes;
import dev.millrace.testkit.node.TestNodeContext;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SineWaveTest {
  private static final Offset<Double> FOUR_DIGITS = within(5e-5);

  @Test
  void theFirstTwoFramesThroughAGainHaveTheKnownMeansAndPowers() throws Exception {
    var frames = new ArrayList<Frame>();
    try (var context = new TestNodeContext()) {
      var sine = Nodes.node(GenerateTypes.SINE, "{}");
      var gain = Nodes.node(ProcessTypes.GAIN, "{\"gain\": 2.5}");
      sine.open(context);
      gain.open(context);
      for (int i = 0; i < 2; i++) {
        frames.addAll(Holding.detached(List.of(sine, gain), Frame.trigger(i, i)));
      }
    }
    var first = Nodes.channel(frames.get(0), "main_channel");
    assertThat(first[0]).isZero();
    assertThat(Nodes.mean(first)).isCloseTo(0.0737, FOUR_DIGITS);
    assertThat(Nodes.rms(first)).isCloseTo(1.7748, FOUR_DIGITS);
    var second = Nodes.channel(frames.get(1), "main_channel");
    assertThat(Nodes.mean(second)).isCloseTo(-0.0363, FOUR_DIGITS);
    assertThat(Nodes.rms(second)).isCloseTo(1.7620, FOUR_DIGITS);
  }

  @Test
  void anotherFrequencyAndLengthHaveTheirKnownMeanAndPower() throws Exception {
    var samples = samples("{\"frequency\": 880, \"frame_size\": 512}", 1);
    assertThat(Nodes.mean(samples)).isCloseTo(0.0291, FOUR_DIGITS);
    assertThat(Nodes.rms(samples)).isCloseTo(0.7098, FOUR_DIGITS);
  }

  @Test
  void framesAreOneLongSineWhateverTheirLength() throws Exception {
    for (int size : List.of(1, 7, 480, 1_023, 1_024, 1_025, 5_000)) {
      var samples =
          samples("{\"frequency\": 1234.5, \"amplitude\": 0.8, \"frame_size\": " + size + "}", 5);
      for (int i = 0; i < samples.length; i++) {
        double wanted = 0.8 * Math.sin(i * 2 * Math.PI * 1234.5 / 48_000);
        assertThat(samples[i]).as("size %d, sample %d", size, i).isCloseTo(wanted, within(1e-9));
      }
    }
  }

  @Test
  void aMillionFramesLaterItIsStillTheSameSine() {
    var shape = new FrameShape(44_100, 1_000, 1, "main_channel");
    var wave = new SineWave(new SineWave.Config(439.7, shape));
    var out = new double[1_000];
    for (int i = 0; i < 1_000_000; i++) {
      wave.fill(out);
    }
    long first = 999_999L * 1_000;
    for (int i = 0; i < 1_000; i += 37) {
      assertThat(out[i]).isCloseTo(exact(439.7, 44_100, first + i), within(1e-9));
    }
  }

  @Test
  void randomFrequenciesStayExact() {
    long seed = 7;
    var random = new Random(seed);
    for (int run = 0; run < 50; run++) {
      double frequency = Math.exp(random.nextDouble() * 12 - 2);
      int size = 1 + random.nextInt(3_000);
      var shape = new FrameShape(48_000, size, 1, "main_channel");
      var wave = new SineWave(new SineWave.Config(frequency, shape));
      var out = new double[size];
      int frames = 1 + random.nextInt(50);
      for (int i = 0; i < frames; i++) {
        wave.fill(out);
      }
      int at = random.nextInt(size);
      assertThat(out[at])
          .as("seed %d, %s Hz, %d frames of %d, sample %d", seed, frequency, frames, size, at)
          .isCloseTo(exact(frequency, 48_000, (frames - 1L) * size + at), within(1e-12));
    }
  }

  @Test
  void aFrequencyMustBeAboveZeroAndIsAHintOnlyBeyondThat() {
    assertThat(Nodes.problems(GenerateTypes.SINE, "{\"frequency\": 0}"))
        .containsExactly("frequency is 0.0; it must be above 0");
    assertThat(Nodes.problems(GenerateTypes.SINE, "{\"frequency\": 96000}")).isEmpty();
  }

  /// Sample n with the phase computed in whole numbers.
  private static double exact(double frequency, double rate, long n) {
    var turns =
        new BigDecimal(frequency)
            .multiply(BigDecimal.valueOf(n))
            .remainder(new BigDecimal(rate))
            .divide(new BigDecimal(rate), MathContext.DECIMAL128);
    return Math.sin(2 * Math.PI * turns.doubleValue());
  }

  private static double[] samples(String config, int frames) throws Exception {
    var triggers = LongStream.range(0, frames).mapToObj(i -> Frame.trigger(i, i)).toList();
    return GenerateTypesTest.run(Nodes.node(GenerateTypes.SINE, config), triggers).stream()
        .map(frame -> Nodes.channel(frame, "main_channel"))
        .flatMapToDouble(java.util.Arrays::stream)
        .toArray();
  }
}
