package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NaiveBayesReaderTest {
  private static final String SOUND =
      "{\"class_probabilities\":{\"a\":0.5,\"b\":0.5},"
          + "\"word_probabilities\":{\"a\":{\"x\":0.25},\"b\":{\"y\":0.25}}}";

  @Test
  void sectionsMayStandInAnyOrderAndTheVocabularyIsNotAskedFor() throws Exception {
    var plain = Models.read(SOUND);
    assertThat(plain.labels()).containsExactly("a", "b");
    assertThat(plain.vocabularySize()).isEqualTo(2);
    assertThat(plain.logPrior(0)).isEqualTo(Math.log(0.5));
    assertThat(plain.logProbability(0, "x")).isCloseTo(Math.log(0.25), within(1e-12));
    assertThat(plain.logProbability(0, "y")).isEqualTo(Math.log(0.75));
    assertThat(plain.logProbability(0, "z")).isNaN();
    assertThat(plain.warnings()).isEmpty();
    assertThat(plain).hasToString("naive Bayes of 2 labels and 2 words");

    var turned =
        Models.read(
            "{\"vocab\":{\"x\":0,\"y\":0,\"zzz\":0},\"word_probabilities\":{\"b\":{\"y\":0.25},"
                + "\"a\":{\"x\":0.25}},\"class_probabilities\":{\"a\":0.5,\"b\":0.5}}");
    assertThat(turned.labels()).isEqualTo(plain.labels());
    assertThat(turned.vocabularySize()).isEqualTo(2);
    assertThat(turned.logProbability(1, "y")).isEqualTo(plain.logProbability(1, "y"));
    assertThat(turned.warnings()).isEmpty();
  }

  @Test
  void aLabelThatHasSeenEveryWordNeedsNothingForUnseenOnes() throws Exception {
    var model =
        Models.read(
            "{\"class_probabilities\":{\"a\":0.5,\"b\":0.5},\"word_probabilities\":"
                + "{\"a\":{\"x\":0.5,\"y\":0.5},\"b\":{\"y\":0.25}}}");
    assertThat(model.logUnseen(0)).isZero();
    assertThat(model.logUnseen(1)).isEqualTo(Math.log(0.75));
    assertThat(model.warnings()).isEmpty();
  }

  @Test
  void anUnsmoothedModelUsesOneOverTheVocabularyAndSaysSo() throws Exception {
    var model =
        Models.read(
            "{\"class_probabilities\":{\"a\":0.5,\"b\":0.5},\"word_probabilities\":"
                + "{\"a\":{\"x\":0.5,\"y\":0.5},\"b\":{\"z\":0.25,\"w\":0.25}}}");
    assertThat(model.logUnseen(0)).isEqualTo(-Math.log(4));
    assertThat(model.logUnseen(1)).isEqualTo(Math.log(0.25));
    assertThat(model.warnings())
        .singleElement()
        .satisfies(
            warning -> {
              assertThat(warning.severity()).isEqualTo(Problem.Severity.WARNING);
              assertThat(warning.code()).isEqualTo("W_MODEL_UNSMOOTHED");
              assertThat(warning.what()).contains("\"a\"", "1/4");
            });
  }

  @Test
  void priorsThatDoNotSumToOneAreUsedAsGiven() throws Exception {
    var model = Models.read(SOUND.replace("\"a\":0.5,\"b\":0.5", "\"a\":0.5,\"b\":0.25"));
    assertThat(model.logPrior(1)).isEqualTo(Math.log(0.25));
    assertThat(model.warnings()).singleElement().asString().contains("sum to 0.75");
  }

  @Test
  void unknownKeysAreWarnedOfAndPassedOver() throws Exception {
    var model = Models.read(SOUND.replaceFirst("\\{", "{\"made_by\":{\"v\":[1,{}]},"));
    assertThat(model).isEqualTo(Models.read(SOUND));
    assertThat(model.warnings()).singleElement().asString().contains("made_by");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          [1]                                             | must be a JSON object
          7                                               | must be a JSON object
          {}                                              | class_probabilities is missing
          {"class_probabilities":{}}                      | names no label
          {"class_probabilities":[]}                      | must be a JSON object
          {"class_probabilities":{"a":1}}                 | word_probabilities is missing
          {"class_probabilities":{"a":"1"}}               | is not a number
          {"class_probabilities":{"a":null}}              | is not a number
          {"class_probabilities":{"a":{}}}                | is not a number
          {"class_probabilities":{"a":-0.1}}              | from 0 to 1
          {"class_probabilities":{"a":1.0000001}}         | from 0 to 1
          {"class_probabilities":{"a":1e999}}             | from 0 to 1
          {"class_probabilities":{"a":NaN}}               | is not JSON
          {"class_probabilities":{"a":1,"a":1}}           | stands here twice
          {"class_probabilities":{},"class_probabilities":{}} | stands here twice
          {"class_probabilities":{"a":1},"word_probabilities":{}} | holds no word
          {"class_probabilities":{"a":1},"word_probabilities":{"a":{}}} | holds no word
          {"class_probabilities":{"a":1},"word_probabilities":{"b":{"x":1}}} | has words but no probability
          {"word_probabilities":{},"word_probabilities":{}} | stands here twice
          {"word_probabilities":{"a":{},"a":{}}}          | stand here twice
          {"word_probabilities":{"a":{"x":0.1,"x":0.1}}}  | the word "x" stands here twice
          {"word_probabilities":{"a":{"x":1.5}}}          | from 0 to 1
          {"word_probabilities":{"a":{"x":true}}}         | is not a number
          {"word_probabilities":{"a":null}}               | must be a JSON object
          {"word_probabilities":7}                        | must be a JSON object
          {"vocab":{"a":1}                                | breaks off
          {"vocab":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]} | is not JSON
          {"vocab":tru}                                   | is not JSON
          """)
  void whatIsWrongIsNamedWithItsPlaceAndAWayOut(String json, String what) {
    var problem = Models.problem(json);
    assertThat(problem.isError()).isTrue();
    assertThat(problem.code()).isEqualTo("E_BAD_MODEL");
    assertThat(problem.what()).contains(what);
    assertThat(problem.location().source()).isEqualTo("model.json");
    assertThat(problem.fix()).isNotBlank();
  }

  @Test
  void theByteAndThePathOfABadValueAreNamed() {
    var problem =
        Models.problem("{\"word_probabilities\":\n {\"a/b\":{\"\u00E4\u00F6\":0.1, \"x\": 2}}}");
    assertThat(problem.location().pointer()).isEqualTo("/word_probabilities/a~1b/x");
    assertThat(problem.location().line()).isEqualTo(2);
    assertThat(problem.what())
        .isEqualTo("the probability of \"x\" is 2.0; it must be from 0 to 1 (byte 49)");
  }

  @Test
  void somethingAfterTheModelIsNotOverlooked() {
    assertThat(Models.problem(SOUND + "{}").what()).contains("something follows");
    assertThat(Models.problem(SOUND + "]").what()).contains("is not JSON");
  }

  @Test
  void anEmptyFileAndAFileThatIsNotUtf8AreNamed() {
    assertThat(Models.problem("").what()).contains("the file is empty");
    var latin1 = SOUND.replace("x", "\u00E4").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Models.problem(latin1, ModelLimits.DEFAULT).what()).contains("UTF-8");
  }

  @Test
  void limitsEndReadingBeforeMemoryDoes() {
    var bytes = SOUND.getBytes(StandardCharsets.UTF_8);
    assertThat(Models.problem(bytes, new ModelLimits(20, 10, 10, 10)).what()).contains("20");
    assertThat(Models.problem(bytes, new ModelLimits(1_000, 1, 10, 10)).what())
        .contains("more than 1 labels");
    assertThat(Models.problem(bytes, new ModelLimits(1_000, 10, 1, 10)).what())
        .contains("more than 1 different words");
    assertThat(Models.problem(bytes, new ModelLimits(1_000, 10, 10, 1)).what())
        .contains("more than 1 words together");
    var tables = "{\"word_probabilities\":{\"a\":{},\"b\":{}}}".getBytes(StandardCharsets.UTF_8);
    assertThat(Models.problem(tables, new ModelLimits(1_000, 1, 10, 10)).what())
        .contains("more than 1 labels");
    assertThatThrownBy(() -> new ModelLimits(1, 0, 1, 1)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> new ModelLimits(1, 70_000, 1, 1)).hasMessageContaining("70000");
  }

  @Test
  void aFileThatIsMissingTooLargeOrNoFileIsNamed() throws Exception {
    try (var context = new TestNodeContext()) {
      var folder = context.dataDirectory();
      assertThatThrownBy(() -> NaiveBayesReader.read(folder.resolve("none.json")))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("none.json")
          .hasMessageContaining("no such model file");
      assertThatThrownBy(() -> NaiveBayesReader.read(folder))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("could not be read");
      var file = Files.writeString(folder.resolve("sound.json"), SOUND);
      assertThat(NaiveBayesReader.read(file)).isEqualTo(Models.read(SOUND));
      assertThatThrownBy(() -> NaiveBayesReader.read(file, new ModelLimits(10, 9, 9, 9)))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("at most 10 are read");
    }
  }

  @Test
  void aStreamThatFailsIsAProblemToo() {
    var failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("disk gone");
          }

          @Override
          public int read(byte[] into, int from, int most) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(() -> NaiveBayesReader.read("m", failing, ModelLimits.DEFAULT))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("disk gone");
  }

  @Test
  void aModelCutAnywhereIsNeverTakenForAWholeOne() throws Exception {
    var whole = Models.written(Models.trained(new Random(7), 300));
    for (int part = 0; part < 50; part++) {
      var cut = Arrays.copyOf(whole, whole.length * part / 50);
      var problem = Models.problem(cut, ModelLimits.DEFAULT);
      assertThat(problem.what())
          .as("cut at byte %d", cut.length)
          .containsPattern("empty|byte \\d+");
      assertThat(problem.fix()).contains("again");
    }
    assertThat(Models.read(whole, ModelLimits.DEFAULT).labels()).hasSize(3);
  }

  @Test
  void aDamagedModelIsReadOrRefusedButNeverCrashes() throws Exception {
    long seed = 99;
    var random = new Random(seed);
    var whole = Models.written(Models.trained(new Random(8), 20));
    int refused = 0;
    for (int round = 0; round < 3_000; round++) {
      var damaged = damage(whole, random);
      try {
        var model = Models.read(damaged, ModelLimits.DEFAULT);
        var found = new NaiveBayesClassifier(model).classify("common1 common2 topic_a1");
        assertThat(found.score()).as("seed %d, round %d", seed, round).isNotNaN();
      } catch (ProblemException named) {
        assertThat(named.problem().what()).as("seed %d, round %d", seed, round).isNotBlank();
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void thousandsOfDifferentWordsAreNoAttack() throws Exception {
    var trainer = new NaiveBayesTrainer();
    for (int i = 0; i < 20_000; i++) {
      trainer.add("l" + i % 5, "word" + i * 7 + " q" + i + " " + Integer.toString(i * 31, 36));
    }
    var model = Models.read(Models.written(trainer), ModelLimits.DEFAULT);
    assertThat(model).isEqualTo(trainer.model());
    assertThat(model.vocabularySize()).isGreaterThan(50_000);
  }

  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Models.makeTemporaryFolder();
  }

  @FuzzTest
  void noFileCrashesTheReader(byte[] file) {
    try {
      Models.read(file, new ModelLimits(1 << 20, 100, 1_000, 1_000));
    } catch (ProblemException named) {
      assertThat(named.problem().what()).isNotBlank();
    }
  }

  private static byte[] damage(byte[] whole, Random random) {
    var damaged = whole.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] = (byte) random.nextInt(256);
        case 1 -> damaged[at] = (byte) "{}[]\",:0123456789.-eE ".charAt(random.nextInt(22));
        case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
        default ->
            System.arraycopy(
                whole, 0, damaged, at, Math.min(whole.length, damaged.length - at) / 2);
      }
    }
    return damaged;
  }
}
