package dev.millrace.bench.micro;

import dev.millrace.classify.Classification;
import dev.millrace.classify.NaiveBayesClassifier;
import dev.millrace.classify.NaiveBayesTrainer;
import dev.millrace.core.problem.ProblemException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What does it cost to classify one text of 20 words? A model of 4 labels and 5,000 words, each
/// label drawing mostly from its own quarter; texts take turns, so that no word stays predicted.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ClassifyBenchmark {

  /// A trained classifier and texts it has not seen.
  @State(Scope.Thread)
  public static class Trained {
    private static final int LABELS = 4;
    private static final int WORDS = 5_000;
    private static final int TEXT_WORDS = 20;
    private static final int TEXTS = 1_024;

    private final Random random = new Random(7);
    private final NaiveBayesClassifier classifier = train();
    private final String[] texts = new String[TEXTS];
    private int next;

    /// Trains the model, so that the benchmark needs no file.
    public Trained() {
      for (int i = 0; i < TEXTS; i++) {
        texts[i] = text(i % LABELS);
      }
    }

    Classification classifyNext() {
      int text = next++ & (TEXTS - 1);
      var found = classifier.classify(texts[text]);
      if (found.labelIndex() != text % LABELS) {
        throw new IllegalStateException("text " + text + " was taken for " + found);
      }
      return found;
    }

    private NaiveBayesClassifier train() {
      try {
        var trainer = new NaiveBayesTrainer();
        for (int document = 0; document < 4_000; document++) {
          trainer.add("label" + document % LABELS, text(document % LABELS));
        }
        return new NaiveBayesClassifier(trainer.model());
      } catch (ProblemException problem) {
        throw new IllegalStateException(problem);
      }
    }

    private String text(int label) {
      var text = new StringBuilder();
      for (int i = 0; i < TEXT_WORDS; i++) {
        int word = random.nextInt(WORDS);
        boolean own = random.nextInt(10) < 9;
        text.append("word").append(own ? word / LABELS * LABELS + label : word).append(' ');
      }
      return text.toString();
    }
  }

  /// One text, tokens to label.
  @Benchmark
  public Classification classifyText(Trained trained) {
    return trained.classifyNext();
  }
}
