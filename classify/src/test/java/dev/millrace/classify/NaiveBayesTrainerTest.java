package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NaiveBayesTrainerTest {

  @Test
  void probabilitiesAreThoseOfLaplace() throws Exception {
    var trainer = new NaiveBayesTrainer();
    trainer.add("four", "one two three four");
    trainer.add("five", "five six seven eight nine");
    trainer.add("rest", "ten eleven twelve ten");
    trainer.add("rest", "");
    var json = Json.tree(Models.written(trainer));
    // 12 different words: (1 + 1) / (4 + 12) and (1 + 1) / (5 + 12)
    assertThat(json.at("/word_probabilities/four/two").doubleValue()).isEqualTo(0.125);
    assertThat(json.at("/word_probabilities/five/nine").doubleValue()).isEqualTo(2.0 / 17);
    assertThat(json.at("/word_probabilities/rest/ten").doubleValue()).isEqualTo(3.0 / 16);
    assertThat(json.at("/word_probabilities/four").size()).isEqualTo(4);
    assertThat(json.at("/class_probabilities/rest").doubleValue()).isEqualTo(0.5);
    assertThat(json.at("/vocab").size()).isEqualTo(12);
    assertThat(trainer.documents()).isEqualTo(4);

    var model = trainer.model();
    // what is left over is exactly one count of each word not seen
    assertThat(model.logUnseen(model.labels().indexOf("four")))
        .isCloseTo(Math.log(1.0 / (4 + 12)), within(1e-12));
    assertThat(model.logUnseen(model.labels().indexOf("five")))
        .isCloseTo(Math.log(1.0 / (5 + 12)), within(1e-12));
  }

  @Test
  void theSameDocumentsMakeTheSameBytesInAnyOrder() throws Exception {
    var random = new Random(3);
    var documents = new ArrayList<List<String>>();
    for (int i = 0; i < 200; i++) {
      int topic = random.nextInt(3);
      documents.add(List.of(Models.label(topic), Models.document(random, topic)));
    }
    byte[] first = null;
    for (int round = 0; round < 3; round++) {
      var trainer = new NaiveBayesTrainer();
      for (var document : documents) {
        trainer.add(document.getFirst(), document.getLast());
      }
      var bytes = Models.written(trainer);
      assertThat(first == null ? bytes : first).isEqualTo(bytes);
      first = bytes;
      Collections.shuffle(documents, random);
    }
  }

  @Test
  void whatIsWrittenReadsBackEqual() throws Exception {
    for (long seed = 0; seed < 20; seed++) {
      var trainer = Models.trained(new Random(seed), 5 + (int) seed * 20);
      var back = Models.read(Models.written(trainer), ModelLimits.DEFAULT);
      assertThat(back).as("seed %d", seed).isEqualTo(trainer.model());
      assertThat(back.hashCode()).isEqualTo(trainer.model().hashCode());
      assertThat(back.warnings()).isEmpty();
    }
  }

  @Test
  void modelsThatDifferAreNotEqual() throws Exception {
    var one = Models.trained(new Random(1), 50).model();
    assertThat(one).isNotEqualTo(Models.trained(new Random(2), 50).model()).isNotEqualTo("model");
  }

  @Test
  void labelsAndWordsAreSortedByCodePoint() throws Exception {
    var trainer = new NaiveBayesTrainer();
    trainer.add("b", "\uFF41 \uD840\uDC00 a \u00E4 ab");
    trainer.add("a\uD83D\uDE00", "a");
    trainer.add("a\uFFFD", "a");
    trainer.add("a", "a");
    var json = Json.tree(Models.written(trainer));
    assertThat(json.at("/word_probabilities/b").propertyNames())
        .containsExactly("a", "ab", "\u00E4", "\uFF41", "\uD840\uDC00");
    assertThat(json.at("/class_probabilities").propertyNames())
        .containsExactly("a", "a\uFFFD", "a\uD83D\uDE00", "b");
  }

  @Test
  void theStreamStaysOpen() throws Exception {
    var trainer = Models.trained(new Random(1), 5);
    var out =
        new ByteArrayOutputStream() {
          @Override
          public void close() throws IOException {
            throw new IOException("closed by the trainer");
          }
        };
    trainer.writeTo(out);
    assertThat(out.size()).isPositive();
  }

  @Test
  void documentsWithoutWordsTeachNothing() throws Exception {
    var trainer = new NaiveBayesTrainer();
    trainer.add("a", "!?");
    assertThatThrownBy(trainer::model)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("the 1 documents hold no word");
    assertThatThrownBy(() -> trainer.writeTo(new ByteArrayOutputStream()))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void aTrainerRefusesToOutgrowWhatCanBeRead() throws Exception {
    var labels = new NaiveBayesTrainer(new ModelLimits(1_000, 1, 10, 10));
    labels.add("a", "x");
    labels.add("a", "y");
    assertThatThrownBy(() -> labels.add("b", "x")).hasMessageContaining("1 labels");
    var words = new NaiveBayesTrainer(new ModelLimits(1_000, 5, 2, 10));
    assertThatThrownBy(() -> words.add("a", "x y z")).hasMessageContaining("2 different words");
    var entries = new NaiveBayesTrainer(new ModelLimits(1_000, 5, 5, 2));
    entries.add("a", "x y x");
    assertThatThrownBy(() -> entries.add("b", "x")).hasMessageContaining("2 words of all labels");
  }

  @Test
  void aTrainedModelTellsItsTopicsApart() throws Exception {
    var random = new Random(11);
    var model = Models.trained(random, 600).model();
    var classifier = new NaiveBayesClassifier(model);
    var evaluation = new Evaluation(model.labels());
    for (int i = 0; i < 300; i++) {
      int topic = random.nextInt(3);
      var found = classifier.classify(Models.document(random, topic));
      evaluation.add(Models.label(topic), found.labelIndex());
    }
    assertThat(evaluation.accuracy()).isGreaterThan(0.95);
    assertThat(evaluation.macroF1()).isGreaterThan(0.95);
  }
}
