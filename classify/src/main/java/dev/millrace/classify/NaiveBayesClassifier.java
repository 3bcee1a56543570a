package dev.millrace.classify;

/// Classifies texts one after another with a shared model. Keeps its scratch space between texts:
/// one for each thread.
public final class NaiveBayesClassifier {
  private static final double CONFIDENCE = 1.0;

  private final NaiveBayesModel model;
  private final WordTokenizer tokens = new WordTokenizer();
  private final double[] scores;

  public NaiveBayesClassifier(NaiveBayesModel model) {
    this.model = model;
    this.scores = new double[model.labels().size()];
  }

  /// The best label for `text`; among equals the first. A text of unknown words, or none, goes to
  /// the most frequent label.
  public Classification classify(String text) {
    tokens.reset(text);
    model.score(tokens, scores);
    int best = 0;
    double second = Double.NEGATIVE_INFINITY;
    for (int label = 1; label < scores.length; label++) {
      if (scores[label] > scores[best]) {
        second = scores[best];
        best = label;
      } else {
        second = Math.max(second, scores[label]);
      }
    }
    double score = scores[best];
    return new Classification(
        best, model.labels().get(best), score, probability(score), score - second, CONFIDENCE);
  }

  /// Softmax of the best score, with the best taken out of every exponent so that none overflows.
  private double probability(double best) {
    double sum = 0;
    for (double score : scores) {
      sum += Math.exp(score - best);
    }
    return 1 / sum;
  }
}
