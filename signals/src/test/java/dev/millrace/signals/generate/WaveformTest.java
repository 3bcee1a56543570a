package dev.millrace.signals.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.node.NodeType;
import dev.millrace.signals.process.Nodes;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What each waveform but the sine looks like.
class WaveformTest {

  @Test
  void aSquareIsUpForItsShareOfEachPeriod() throws Exception {
    var samples = play(GenerateTypes.SQUARE, "\"frequency\": 1000, \"duty\": 0.25", 48, 200);
    for (int i = 0; i < samples.length; i++) {
      assertThat(samples[i]).as("sample " + i).isEqualTo(i % 48 < 12 ? 1 : -1);
    }
  }

  @Test
  void aSquareOfNoOrAllDutyIsConstant() throws Exception {
    assertThat(play(GenerateTypes.SQUARE, "\"duty\": 0", 100, 10)).containsOnly(-1);
    assertThat(play(GenerateTypes.SQUARE, "\"duty\": 1, \"amplitude\": 3", 100, 10))
        .containsOnly(3);
  }

  @Test
  void anEdgeOfASquareStaysWhereItIsForAMillionFrames() {
    var shape = new FrameShape(48_000, 48, 1, "main_channel");
    var wave = new SquareWave(new SquareWave.Config(1_000, 0.5, 0, shape));
    var out = new double[48];
    for (int i = 0; i < 1_000_000; i++) {
      wave.fill(out);
    }
    assertThat(Arrays.stream(out).limit(24)).containsOnly(1.0);
    assertThat(Arrays.stream(out).skip(24)).containsOnly(-1.0);
  }

  @Test
  void aTriangleGoesUpDownAndUpInStraightLines() throws Exception {
    var samples = play(GenerateTypes.TRIANGLE, "\"frequency\": 1000, \"amplitude\": 2", 30, 100);
    for (int i = 0; i < samples.length; i++) {
      double x = i % 48 / 48.0;
      double wanted = 2 * (x < 0.25 ? 4 * x : x < 0.75 ? 2 - 4 * x : 4 * x - 4);
      assertThat(samples[i]).as("sample " + i).isCloseTo(wanted, within(1e-9));
    }
  }

  @Test
  void uniformNoiseIsTheJdksSplitMix() throws Exception {
    var random = new SplittableRandom(99);
    var wanted =
        IntStream.range(0, 3_000).mapToDouble(i -> random.nextLong() * 0x1.0p-63 * 0.5).toArray();
    assertThat(play(GenerateTypes.NOISE, "\"seed\": 99, \"amplitude\": 0.5", 1_000, 3))
        .containsExactly(wanted);
  }

  @Test
  void noiseOfAnotherSeedIsOther() throws Exception {
    assertThat(play(GenerateTypes.NOISE, "\"seed\": 1", 8, 1))
        .isNotEqualTo(play(GenerateTypes.NOISE, "\"seed\": 2", 8, 1));
  }

  @Test
  void gaussianNoiseHasItsDeviationAndIsNowhereInfinite() throws Exception {
    var samples =
        play(GenerateTypes.NOISE, "\"distribution\": \"gaussian\", \"amplitude\": 2", 10_000, 20);
    assertThat(Nodes.mean(samples)).isCloseTo(0, within(0.02));
    assertThat(Nodes.rms(samples)).isCloseTo(2, within(0.02));
    double within1 = Arrays.stream(samples).filter(x -> Math.abs(x) < 2).count() / 200_000.0;
    assertThat(within1).isCloseTo(0.6827, within(0.01));
    assertThat(Arrays.stream(samples).allMatch(Double::isFinite)).isTrue();
  }

  @Test
  void aLinearChirpHasTheFrequencyOfEachMoment() throws Exception {
    var samples =
        play(GenerateTypes.CHIRP, "\"start_hz\": 100, \"end_hz\": 1100, \"seconds\": 1", 600, 160);
    double phase = 0;
    for (int i = 0; i < samples.length; i++) {
      assertThat(samples[i]).as("sample " + i).isCloseTo(Math.sin(phase), within(1e-8));
      // The trapezoid rule is exact for a frequency that moves in a straight line.
      double here = 100 + 1_000 * (i % 48_000) / 48_000.0;
      phase = (i + 1) % 48_000 == 0 ? 0 : phase + Math.PI * (2 * here + 1_000 / 48_000.0) / 48_000;
    }
  }

  @Test
  void anExponentialChirpPassesEachOctaveInTheSameTime() throws Exception {
    var samples =
        play(
            GenerateTypes.CHIRP,
            "\"start_hz\": 100, \"end_hz\": 1600, \"seconds\": 4, \"sweep\": \"exponential\"",
            48_000,
            4);
    for (int octave = 0; octave < 4; octave++) {
      var second = Arrays.copyOfRange(samples, octave * 48_000, (octave + 1) * 48_000);
      long crossings =
          IntStream.range(1, second.length)
              .filter(i -> second[i - 1] < 0 && second[i] >= 0)
              .count();
      // The integral of 100·2^t over one second.
      assertThat((double) crossings).isCloseTo(100 * (1 << octave) / Math.log(2), within(1.5));
    }
  }

  @Test
  void aChirpWithoutAChangeIsASine() throws Exception {
    for (var sweep : List.of("linear", "exponential")) {
      var samples =
          play(
              GenerateTypes.CHIRP,
              "\"start_hz\": 440, \"end_hz\": 440, \"sweep\": \"" + sweep + "\"",
              100,
              10);
      for (int i = 0; i < samples.length; i++) {
        assertThat(samples[i]).isCloseTo(Math.sin(i * 2 * Math.PI * 440 / 48_000), within(1e-9));
      }
    }
  }

  @Test
  void impulsesComeAtEqualDistancesOverFrames() throws Exception {
    for (int period : List.of(1, 3, 7, 64, 100, 1_000)) {
      var samples =
          play(GenerateTypes.IMPULSE, "\"amplitude\": 5, \"period_samples\": " + period, 64, 50);
      for (int i = 0; i < samples.length; i++) {
        assertThat(samples[i])
            .as("period %d, sample %d", period, i)
            .isEqualTo(i % period == 0 ? 5 : 0);
      }
    }
  }

  @Test
  void aSingleImpulseComesOnce() throws Exception {
    var samples = play(GenerateTypes.IMPULSE, "\"period_samples\": 0", 64, 50);
    assertThat(samples[0]).isEqualTo(1);
    assertThat(Arrays.stream(samples).skip(1)).containsOnly(0.0);
  }

  @Test
  void aSeedMovesTheBeginningAndNothingElse() throws Exception {
    var samples = play(GenerateTypes.IMPULSE, "\"seed\": 5, \"period_samples\": 50", 64, 50);
    int first = IntStream.range(0, 50).filter(i -> samples[i] == 1).findFirst().orElseThrow();
    for (int i = 0; i < samples.length; i++) {
      assertThat(samples[i]).isEqualTo(i % 50 == first ? 1 : 0);
    }
    for (var type :
        List.<NodeType<?>>of(GenerateTypes.SQUARE, GenerateTypes.TRIANGLE, GenerateTypes.CHIRP)) {
      assertThat(play(type, "\"seed\": 5", 500, 1)).isNotEqualTo(play(type, "\"seed\": 0", 500, 1));
    }
  }

  @Test
  void whatCannotBePlayedIsRefusedWithTheKey() {
    assertThat(Nodes.problems(GenerateTypes.SQUARE, "{\"duty\": 1.5}")).hasSize(1);
    assertThat(Nodes.problems(GenerateTypes.SQUARE, "{\"frequency\": -1}"))
        .containsExactly("frequency is -1.0; it must be above 0");
    assertThat(Nodes.problems(GenerateTypes.CHIRP, "{\"seconds\": 0}"))
        .containsExactly("seconds is 0.0; it must be above 0");
    assertThat(Nodes.problems(GenerateTypes.IMPULSE, "{\"period_samples\": -1}")).hasSize(1);
  }

  private static double[] play(NodeType<?> type, String config, int size, int frames)
      throws Exception {
    var node = Nodes.node(type, "{" + config + ", \"frame_size\": " + size + "}");
    var triggers =
        IntStream.range(0, frames)
            .mapToObj(i -> dev.millrace.core.frame.Frame.trigger(i, i))
            .toList();
    return GenerateTypesTest.run(node, triggers).stream()
        .flatMapToDouble(frame -> Arrays.stream(Nodes.channel(frame, "main_channel")))
        .toArray();
  }
}
