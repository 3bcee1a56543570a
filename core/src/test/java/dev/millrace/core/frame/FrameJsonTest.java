package dev.millrace.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameJsonTest {

  @Test
  void aFrameIsFourKeysWithChannelsInTheOrderOfTheirCodePoints() {
    var samples =
        Samples.of(
            Map.of(
                "b",
                new double[] {1, -0.0, 0.1},
                "a",
                new double[0],
                "\uFF5E",
                new double[] {2},
                "\uD83D\uDE00",
                new double[] {3}));
    var frame = new Frame(5, 7, samples, Metadata.NONE.with("sample_rate", "48000.0"));

    assertThat(text(frame))
        .isEqualTo(
            "{\"timestamp\":5,\"sequence_id\":7,\"payload\":{\"a\":[],\"b\":[1.0,-0.0,0.1],"
                + "\"\uFF5E\":[2.0],\"\uD83D\uDE00\":[3.0]},"
                + "\"metadata\":{\"sample_rate\":\"48000.0\"}}");
  }

  @Test
  void unsignedNumbersBeyondALongSurvive() throws Exception {
    var frame = Frame.trigger(-1, Long.MIN_VALUE);

    assertThat(text(frame))
        .contains("\"timestamp\":18446744073709551615", "\"sequence_id\":9223372036854775808");
    assertThat(FrameJson.read(FrameJson.write(frame))).isEqualTo(frame);
  }

  @Test
  void samplesThatAreNotFiniteAreTexts() throws Exception {
    double[] odd = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    var frame = new Frame(0, 0, Samples.of("a", odd), Metadata.NONE);

    assertThat(text(frame)).contains("[\"NaN\",\"Infinity\",\"-Infinity\"]");
    assertThat(FrameJson.read(FrameJson.write(frame))).isEqualTo(frame);
  }

  @Test
  void aBodyOfJsonIsKeptByteForByteAndOneOfTextAsText() throws Exception {
    for (var json :
        List.of("{ \"a\" : [1.50, null ] }", "1e5", "\"\\u0041\"", "true", "[]", "-0")) {
      var frame = Frame.json(1, 2, json);
      assertThat(FrameJson.read(FrameJson.write(frame))).as(json).isEqualTo(frame);
    }
    var text = new Frame(1, 2, new Body.Text("a \"quote\" \u00E9"), Metadata.NONE);
    assertThat(FrameJson.read(FrameJson.write(text))).isEqualTo(text);
  }

  @Test
  void tagsTravelWithTheirChannels() throws Exception {
    var tags = List.of(new SampleTag(0, "k", "v"), new SampleTag(9, "k", ""));
    var frame = new Frame(0, 0, Samples.of("a", new double[10]).withTags(tags), Metadata.NONE);

    assertThat(FrameJson.read(FrameJson.write(frame))).isEqualTo(frame);
  }

  @Test
  void everyKeyMayBeLeftOut() throws Exception {
    assertThat(read("{}")).isEqualTo(Frame.trigger(0, 0));
    assertThat(read("{\"payload\":{}}")).isEqualTo(Frame.trigger(0, 0));
  }

  @Test
  void whatIsReadIsTheVeryNumberThatWasWritten() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var samples = random.longs(8).mapToDouble(Double::longBitsToDouble).toArray();
      var frame =
          new Frame(random.nextLong(), random.nextLong(), Samples.of("a", samples), Metadata.NONE);
      var read = FrameJson.read(FrameJson.write(frame));
      assertThat(read).as("seed " + seed + " round " + round).isEqualTo(frame);
    }
    var integers = (Samples) read("{\"payload\":{\"a\":[0,-0,-0.0,9007199254740993]}}").body();
    assertThat(integers.channel(0)).containsExactly(0.0, -0.0, -0.0, 9007199254740992.0);
    assertThat(Double.doubleToRawLongBits(integers.channel(0)[1])).isEqualTo(Long.MIN_VALUE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|| a frame is an object",
        "{\"timestamp\":-1}|/timestamp|a whole number from 0",
        "{\"timestamp\":18446744073709551616}|/timestamp|a whole number from 0",
        "{\"timestamp\":1.5}|/timestamp|a whole number from 0",
        "{\"sequence\":1}|/sequence|Known keys: timestamp, sequence_id",
        "{\"payload\":[]}|/payload|an object of channels",
        "{\"payload\":{\"a\":1}}|/payload/a|an array of numbers",
        "{\"payload\":{\"a\":[1,\"x\"]}}|/payload/a/1|a sample is a number",
        "{\"payload\":{\"a\":[1e999]}}|/payload/a/0|a sample is a number",
        "{\"payload\":{\"a\":[],\"a\":[]}}|/payload/a|stands here twice",
        "{\"payload\":{},\"text\":\"\"}|/text|either payload or text",
        "{\"metadata\":{\"a\":1}}|/metadata/a|text is wanted",
        "{\"metadata\":{\"a\":\"\\ud800\"}}|/metadata/a|half of a surrogate pair",
        "{\"tags\":[{\"offset\":1,\"key\":\"\",\"value\":\"\"}]}|/tags|tags belong to channels",
        "{\"tags\":[{\"offset\":1}]}|/tags/0|a tag has an offset",
        "{} {}||something follows",
        "{\"json\":}||this is not JSON",
      })
  void whatIsWrongIsSaidWithItsPlace(String json, String pointer, String sentence) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOfSatisfying(
            ProblemException.class,
            broken -> {
              assertThat(broken.problem().code()).isEqualTo("E_FRAME");
              assertThat(broken.problem().location().pointer())
                  .isEqualTo(pointer == null ? "" : pointer);
            })
        .hasMessageContaining(sentence.strip());
  }

  @Test
  void aFrameInADocumentIsReadAndItsProblemsStandWhereItStands() {
    var problems = new Problems();
    var yaml = "a: 1\nframe:\n  timestamp: 3\n  payload: {x: [1, .nan, 0x10]}\n";
    assertThat(FrameJson.read(frame(yaml), problems))
        .contains(
            new Frame(3, 0, Samples.of("x", new double[] {1, Double.NaN, 16}), Metadata.NONE));

    assertThat(FrameJson.read(frame("a: 1\nframe:\n  payload:\n    x: [1, no]\n"), problems))
        .isEmpty();
    assertThat(problems.all()).hasSize(1);
    assertThat(problems.all().getFirst().location().line()).isEqualTo(4);
    assertThat(problems.all().getFirst().location().pointer()).isEqualTo("/frame/payload/x/1");
  }

  @FuzzTest
  void bytesAreAFrameThatIsWrittenAsItWasReadOrAProblem(byte[] bytes) throws Exception {
    readTwice(bytes, "fuzzed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"timestamp\":5,\"sequence_id\":7,\"payload\":{\"a\":[1.5,\"NaN\",-0]},\"tags\":"
            + "[{\"offset\":1,\"key\":\"k\",\"value\":\"v\"}],\"metadata\":{\"k\":\"v\"}}",
        "{\"json\":{\"a\":[1,2,{\"b\":\"\\u00e9\"}]},\"metadata\":{}}",
        "{\"text\":\"\\ud83d\\ude00\",\"timestamp\":18446744073709551615}"
      })
  void changedBytesNeverDoWorse(String sound) throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      var bytes = sound.getBytes(StandardCharsets.UTF_8);
      int changes = 1 + random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean() ? bytes[random.nextInt(bytes.length)] : (byte) random.nextInt(256);
      }
      readTwice(bytes, "seed " + seed + " round " + round);
    }
  }

  private static void readTwice(byte[] bytes, String which) throws Exception {
    Frame frame;
    try {
      frame = FrameJson.read(bytes);
    } catch (ProblemException refused) {
      return;
    }
    assertThat(FrameJson.read(FrameJson.write(frame))).as(which).isEqualTo(frame);
  }

  private static Tree.Mapping frame(String yaml) {
    var problems = new Problems();
    var root =
        Documents.parseMapping("t.yaml", yaml.getBytes(StandardCharsets.UTF_8), problems)
            .orElseThrow(() -> new AssertionError(problems.toString()));
    return (Tree.Mapping) root.entries().lastEntry().getValue();
  }

  private static Frame read(String json) throws ProblemException {
    return FrameJson.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Frame frame) {
    return new String(FrameJson.write(frame), StandardCharsets.UTF_8);
  }
}
