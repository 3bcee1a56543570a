package dev.millrace.app.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.classify.NaiveBayesClassifier;
import dev.millrace.classify.NaiveBayesTrainer;
import dev.millrace.connect.simulated.PostWriter;
import dev.millrace.core.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The model of the labels recipe is trained on posts that the project writes itself.
class ShippedModelTest {
  private static final Path MODEL = Path.of("..", "recipes", "labels", "model.json");
  private static final long TRAINING_SEED = 2_026;
  private static final long TEST_SEED = 99;
  private static final int TRAINING_POSTS = 12_000;
  private static final int TEST_POSTS = 3_000;

  @Test
  void theShippedModelIsWhatTheTrainerMakes() throws IOException, ProblemException {
    var trained = new ByteArrayOutputStream();
    trainer().writeTo(trained);
    if (System.getenv("MILLRACE_UPDATE_DOCS") != null) {
      Files.write(MODEL, trained.toByteArray());
    }
    assertThat(Files.readString(MODEL))
        .as("recipes/labels/model.json; MILLRACE_UPDATE_DOCS=1 ./millrace test writes it anew")
        .isEqualTo(trained.toString(StandardCharsets.UTF_8));
  }

  @Test
  void theShippedModelKnowsWhatSimulatedPostsAreAbout() throws ProblemException {
    var classifier = new NaiveBayesClassifier(trainer().model());
    var writer = new PostWriter();
    int asked = 0;
    int right = 0;
    for (int n = 0; n < TEST_POSTS; n++) {
      var post = writer.write(TEST_SEED, n);
      if (!post.text().isEmpty()) {
        asked++;
        right += classifier.classify(post.text()).label().equals(post.topic().label()) ? 1 : 0;
      }
    }
    assertThat((double) right / asked).as("%s of %s right", right, asked).isGreaterThan(0.9);
  }

  private static NaiveBayesTrainer trainer() throws ProblemException {
    var trainer = new NaiveBayesTrainer();
    var writer = new PostWriter();
    for (int n = 0; n < TRAINING_POSTS; n++) {
      var post = writer.write(TRAINING_SEED, n);
      trainer.add(post.topic().label(), post.text());
    }
    return trainer;
  }
}
