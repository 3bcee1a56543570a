package dev.millrace.classify;

import dev.millrace.core.problem.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Multinomial naive Bayes with Laplace smoothing, ready to score. Immutable; share it between
/// threads. Two models are equal when they score alike and name labels and words alike.
///
/// Every known word costs a label the logarithm of what training left over for words that the label
/// has not seen; labels that have seen it are corrected by what stands in the word's row. So a word
/// costs one step for each label that knows it, however many labels there are.
public final class NaiveBayesModel {
  private final List<String> labels;
  private final Vocabulary vocabulary;
  private final double[] logPriors; // by label
  private final double[] logUnseen; // by label: ln P of one word that it has not seen
  private final int[] rows; // word i has the entries from rows[i] to rows[i + 1]
  private final char[] entryLabels; // the label of each entry, growing within a row
  private final double[] entryGains; // ln P(word | label) - logUnseen[label]
  private final List<Problem> warnings;

  NaiveBayesModel(
      List<String> labels,
      Vocabulary vocabulary,
      double[] logPriors,
      double[] logUnseen,
      int[] rows,
      char[] entryLabels,
      double[] entryGains,
      List<Problem> warnings) {
    this.labels = List.copyOf(labels);
    this.vocabulary = vocabulary;
    this.logPriors = logPriors;
    this.logUnseen = logUnseen;
    this.rows = rows;
    this.entryLabels = entryLabels;
    this.entryGains = entryGains;
    this.warnings = List.copyOf(warnings);
  }

  /// In the order of the model file; ties go to the first.
  public List<String> labels() {
    return labels;
  }

  /// Different words that any label has seen.
  public int vocabularySize() {
    return vocabulary.size();
  }

  /// What was odd about the model but does not keep it from working.
  public List<Problem> warnings() {
    return warnings;
  }

  /// ln P(label).
  public double logPrior(int label) {
    return logPriors[label];
  }

  /// ln P of a word that other labels have seen and this one has not; 0 for a label that has seen
  /// every word.
  public double logUnseen(int label) {
    return logUnseen[label];
  }

  /// ln P(word | label), empty of meaning (NaN) when no label has seen `word`.
  public double logProbability(int label, String word) {
    int number = vocabulary.find(word.toCharArray(), 0, word.length());
    if (number < 0) {
      return Double.NaN;
    }
    int at = Arrays.binarySearch(entryLabels, rows[number], rows[number + 1], (char) label);
    return at < 0 ? logUnseen[label] : logUnseen[label] + entryGains[at];
  }

  /// Fills `scores` (one for each label) with the log scores of the words that `tokens` has left.
  /// Allocates nothing. Words that no label has seen count for nothing.
  void score(WordTokenizer tokens, double[] scores) {
    Arrays.fill(scores, 0);
    int known = 0;
    while (tokens.next()) {
      int word = vocabulary.find(tokens.chars(), tokens.start(), tokens.end());
      if (word >= 0) {
        known++;
        for (int entry = rows[word]; entry < rows[word + 1]; entry++) {
          scores[entryLabels[entry]] += entryGains[entry];
        }
      }
    }
    for (int label = 0; label < scores.length; label++) {
      scores[label] += logPriors[label] + known * logUnseen[label];
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NaiveBayesModel that
        && labels.equals(that.labels)
        && vocabulary.sameAs(that.vocabulary)
        && Arrays.equals(logPriors, that.logPriors)
        && Arrays.equals(logUnseen, that.logUnseen)
        && Arrays.equals(rows, that.rows)
        && Arrays.equals(entryLabels, that.entryLabels)
        && Arrays.equals(entryGains, that.entryGains);
  }

  @Override
  public int hashCode() {
    return Objects.hash(labels, Arrays.hashCode(rows), Arrays.hashCode(entryGains));
  }

  @Override
  public String toString() {
    return "naive Bayes of " + labels.size() + " labels and " + vocabularySize() + " words";
  }
}
