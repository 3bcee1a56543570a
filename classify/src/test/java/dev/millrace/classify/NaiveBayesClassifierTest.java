package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NaiveBayesClassifierTest {
  private static final String TWO =
      """
      {"class_probabilities": {"sport": 0.75, "food": 0.25},
       "word_probabilities": {
         "sport": {"ball": 0.5, "team": 0.25},
         "food": {"soup": 0.5, "team": 0.25}}}
      """;

  @Test
  void scoresAreThePriorPlusTheLogarithmsOfEveryWord() throws Exception {
    var model = Models.read(TWO);
    // three words; each label lacks one and has 0.25 left for it
    assertThat(model.logUnseen(0)).isEqualTo(Math.log(0.25));
    var found = new NaiveBayesClassifier(model).classify("Ball, ball: TEAM soup nonsense");
    double sport = Math.log(0.75) + 2 * Math.log(0.5) + Math.log(0.25) + Math.log(0.25);
    double food = Math.log(0.25) + 2 * Math.log(0.25) + Math.log(0.25) + Math.log(0.5);
    assertThat(found.label()).isEqualTo("sport");
    assertThat(found.labelIndex()).isZero();
    assertThat(found.score()).isCloseTo(sport, within(1e-12));
    assertThat(found.margin()).isCloseTo(sport - food, within(1e-12));
    assertThat(found.probability())
        .isCloseTo(Math.exp(sport) / (Math.exp(sport) + Math.exp(food)), within(1e-12));
    assertThat(found.confidence()).isEqualTo(1.0);
  }

  @Test
  void unknownWordsAndNoWordsLeaveThePriors() throws Exception {
    var classifier = new NaiveBayesClassifier(Models.read(TWO));
    for (var text : List.of("", "???", "nobody knows these", "\uD83D\uDE00")) {
      var found = classifier.classify(text);
      assertThat(found.label()).as(text).isEqualTo("sport");
      assertThat(found.score()).isEqualTo(Math.log(0.75));
      assertThat(found.probability()).isCloseTo(0.75, within(1e-12));
    }
  }

  @Test
  void tiesGoToTheFirstLabelOfTheFile() throws Exception {
    var model =
        Models.read(
            """
            {"word_probabilities": {"a": {"x": 0.5}, "z": {"x": 0.5}},
             "class_probabilities": {"z": 0.5, "a": 0.5}}
            """);
    var found = new NaiveBayesClassifier(model).classify("x x x");
    assertThat(model.labels()).containsExactly("z", "a");
    assertThat(found.label()).isEqualTo("z");
    assertThat(found.margin()).isZero();
    assertThat(found.probability()).isEqualTo(0.5);
  }

  @Test
  void aProbabilityOfZeroRulesALabelOut() throws Exception {
    var model =
        Models.read(
            """
            {"class_probabilities": {"a": 0.5, "b": 0.5},
             "word_probabilities": {"a": {"x": 0, "y": 0.5}, "b": {"x": 0.5, "y": 0}}}
            """);
    var classifier = new NaiveBayesClassifier(model);
    var onlyB = classifier.classify("x");
    assertThat(onlyB.label()).isEqualTo("b");
    assertThat(onlyB.probability()).isEqualTo(1);
    assertThat(onlyB.margin()).isEqualTo(Double.POSITIVE_INFINITY);
    var none = classifier.classify("x y");
    assertThat(none.label()).isEqualTo("a");
    assertThat(none.score()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(none.probability()).isNaN();
    assertThat(none.margin()).isNaN();
  }

  @Test
  void aLabelWithoutWordsDoesNotWinByHavingSeenNothing() throws Exception {
    var model =
        Models.read(
            """
            {"class_probabilities": {"empty": 0.5, "full": 0.5},
             "word_probabilities": {"full": {"x": 0.4, "y": 0.4, "z": 0.1}}}
            """);
    assertThat(model.logUnseen(0)).isEqualTo(Math.log(1 / 3.0));
    assertThat(new NaiveBayesClassifier(model).classify("x").label()).isEqualTo("full");
    assertThat(model.warnings()).singleElement().asString().contains("\"empty\" has no words");
  }

  @Test
  void aLabelAloneIsCertain() throws Exception {
    var model =
        Models.read("{\"class_probabilities\":{\"a\":1},\"word_probabilities\":{\"a\":{\"x\":1}}}");
    var found = new NaiveBayesClassifier(model).classify("x");
    assertThat(found.probability()).isEqualTo(1);
    assertThat(found.margin()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void veryLongTextsNeitherOverflowNorLoseTheMargin() throws Exception {
    var found = new NaiveBayesClassifier(Models.read(TWO)).classify("ball soup ".repeat(100_000));
    assertThat(found.label()).isEqualTo("sport");
    assertThat(found.probability()).isCloseTo(0.75, within(1e-6));
    assertThat(found.margin()).isCloseTo(Math.log(3), within(1e-6));
  }

  /// The model is laid out by word, with what is unseen taken as the base; the naive one looks
  /// every word up in every label's table, as the formula reads.
  @Test
  void anyModelScoresAsTheFormulaSays() throws Exception {
    for (long seed = 1; seed <= 200; seed++) {
      var random = new Random(seed);
      var tables = randomTables(random);
      var model = Models.read(json(tables));
      var classifier = new NaiveBayesClassifier(model);
      for (int text = 0; text < 20; text++) {
        var words = new ArrayList<String>();
        for (int i = random.nextInt(8); i > 0; i--) {
          words.add("w" + random.nextInt(25));
        }
        var naive = naiveScores(tables, words);
        var found = classifier.classify(String.join(" ", words));
        double best = naive.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        assertThat(found.score()).as("seed %d, %s", seed, words).isCloseTo(best, within(1e-9));
        assertThat(naive.get(found.labelIndex()))
            .as("seed %d, %s", seed, words)
            .isCloseTo(best, within(1e-9));
        double sum = naive.stream().mapToDouble(score -> Math.exp(score - best)).sum();
        assertThat(found.probability()).as("seed %d", seed).isCloseTo(1 / sum, within(1e-9));
      }
    }
  }

  private static Map<String, Map<String, Double>> randomTables(Random random) {
    var tables = new LinkedHashMap<String, Map<String, Double>>();
    int labels = 1 + random.nextInt(6);
    for (int label = 0; label < labels; label++) {
      var table = new LinkedHashMap<String, Double>();
      for (int i = 1 + random.nextInt(15); i > 0; i--) {
        table.put("w" + random.nextInt(20), (1 + random.nextInt(9)) / 200.0);
      }
      tables.put("l" + label, table);
    }
    return tables;
  }

  private static String json(Map<String, Map<String, Double>> tables) {
    var priors = new ArrayList<String>();
    var words = new ArrayList<String>();
    tables.forEach(
        (label, table) -> {
          priors.add("\"" + label + "\":" + 1.0 / tables.size());
          var entries = new ArrayList<String>();
          table.forEach((word, p) -> entries.add("\"" + word + "\":" + p));
          words.add("\"" + label + "\":{" + String.join(",", entries) + "}");
        });
    return "{\"class_probabilities\":{"
        + String.join(",", priors)
        + "},\"word_probabilities\":{"
        + String.join(",", words)
        + "}}";
  }

  private static List<Double> naiveScores(
      Map<String, Map<String, Double>> tables, List<String> words) {
    var vocabulary = new HashSet<String>();
    tables.values().forEach(table -> vocabulary.addAll(table.keySet()));
    var scores = new ArrayList<Double>();
    for (var table : tables.values()) {
      double seen = table.values().stream().mapToDouble(Double::doubleValue).sum();
      double unseen = (1 - seen) / (vocabulary.size() - table.size());
      double score = Math.log(1.0 / tables.size());
      var known = new HashMap<>(table);
      for (var word : words) {
        if (vocabulary.contains(word)) {
          score += Math.log(known.getOrDefault(word, unseen));
        }
      }
      scores.add(score);
    }
    return scores;
  }
}
