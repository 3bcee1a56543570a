package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against what an independent implementation made of a public data set. Runs where
/// `MILLRACE_TEST_DATA` names a folder that has it.
class ReferenceDataTest {
  private static final String FOLDER = System.getenv("MILLRACE_TEST_DATA");

  private Path data = Path.of("");

  @BeforeEach
  void findData() {
    assumeTrue(FOLDER != null, "MILLRACE_TEST_DATA names no folder with test data");
    data = Path.of(FOLDER).resolve("classification");
    assumeTrue(Files.isDirectory(data), () -> "there is no folder " + data);
  }

  @Test
  void everyRowGetsTheReferencesLabelAndScore() throws Exception {
    var model = referenceModel();
    assertThat(model.warnings()).isEmpty();
    var classifier = new NaiveBayesClassifier(model);
    var rows = rows("model-clinc-domains/expected.tsv");
    var columns = new HashMap<String, Integer>();
    rows.getFirst().forEach(name -> columns.put(name, columns.size()));
    int compared = 0;
    for (var row : rows.subList(1, rows.size())) {
      var found = classifier.classify(row.getLast());
      double score = Double.parseDouble(cell(row, columns, "laplace_score"));
      double margin = Double.parseDouble(cell(row, columns, "laplace_margin"));
      if (margin < 1e-6) {
        continue;
      }
      compared++;
      assertThat(found.label()).as(row.getLast()).isEqualTo(cell(row, columns, "laplace"));
      assertThat(found.score()).as(row.getLast()).isCloseTo(score, within(-score * 1e-4));
      assertThat(found.margin()).as(row.getLast()).isCloseTo(margin, within(2e-6 + margin * 1e-4));
    }
    assertThat(compared).isGreaterThan(2_900);
  }

  @Test
  void theReferencesModelIsAsAccurateAsTheReference() throws Exception {
    assertAccurate(referenceModel());
  }

  @Test
  void aModelTrainedHereEqualsTheReferences() throws Exception {
    var trainer = new NaiveBayesTrainer();
    for (var row : rows("clinc150-domains.train.tsv")) {
      trainer.add(row.getFirst(), row.getLast());
    }
    var model = trainer.model();
    var reference = referenceModel();
    assertThat(model.labels()).isEqualTo(reference.labels());
    assertThat(model.vocabularySize()).isEqualTo(reference.vocabularySize()).isEqualTo(5_055);
    for (int label = 0; label < model.labels().size(); label++) {
      assertThat(model.logUnseen(label)).isCloseTo(reference.logUnseen(label), within(1e-9));
      for (var word : List.of("what", "the", "fly", "zulu", "2014")) {
        assertThat(model.logProbability(label, word))
            .isCloseTo(reference.logProbability(label, word), within(1e-9));
      }
    }
    assertAccurate(model);
  }

  private void assertAccurate(NaiveBayesModel model) throws IOException {
    var classifier = new NaiveBayesClassifier(model);
    var evaluation = new Evaluation(model.labels());
    for (var row : rows("clinc150-domains.test.tsv")) {
      evaluation.add(row.getFirst(), classifier.classify(row.getLast()).labelIndex());
    }
    assertThat(evaluation.rows()).isEqualTo(4_500);
    assertThat(evaluation.unknownTruths()).isZero();
    assertThat(evaluation.accuracy()).isCloseTo(0.9300, within(0.002));
    assertThat(evaluation.macroF1()).isCloseTo(0.93, within(0.005));
  }

  private NaiveBayesModel referenceModel() throws Exception {
    return NaiveBayesReader.read(data.resolve("model-clinc-domains/naive_bayes_model.json"));
  }

  private List<List<String>> rows(String file) throws IOException {
    try (var lines = Files.lines(data.resolve(file))) {
      return lines.map(line -> Arrays.asList(line.split("\t", -1))).toList();
    }
  }

  private static String cell(List<String> row, Map<String, Integer> columns, String name) {
    return row.get(columns.getOrDefault(name, -1));
  }
}
