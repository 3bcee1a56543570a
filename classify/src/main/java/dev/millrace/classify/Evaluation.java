package dev.millrace.classify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How well labels were guessed: accuracy, macro-F1 and which label was taken for which. Rows whose
/// true label the model does not have are counted apart and are neither right nor wrong. Not
/// thread-safe; memory is bounded by the pairs of labels that occur.
public final class Evaluation {
  private final List<String> labels;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final Map<Long, Long> cells = new HashMap<>(); // truth << 32 | predicted -> rows
  private final long[] truths; // rows by true label
  private final long[] predictions; // rows by predicted label
  private final long[] hits; // rows by label where both agree
  private long rows;
  private long unknownTruths;

  /// One cell of the confusion matrix.
  public record Confusion(String truth, String predicted, long rows) {}

  /// `labels` as [NaiveBayesModel#labels] gives them.
  public Evaluation(List<String> labels) {
    this.labels = List.copyOf(labels);
    for (int label = 0; label < labels.size(); label++) {
      indexes.put(labels.get(label), label);
    }
    truths = new long[labels.size()];
    predictions = new long[labels.size()];
    hits = new long[labels.size()];
  }

  /// Counts one row; `predicted` is [Classification#labelIndex].
  public void add(String truth, int predicted) {
    var index = indexes.get(truth);
    if (index == null) {
      unknownTruths++;
      return;
    }
    rows++;
    truths[index]++;
    predictions[predicted]++;
    if (index == predicted) {
      hits[index]++;
    }
    cells.merge((long) index << 32 | predicted, 1L, Long::sum);
  }

  /// Rows with a known true label.
  public long rows() {
    return rows;
  }

  /// Rows left out because the model does not have their true label.
  public long unknownTruths() {
    return unknownTruths;
  }

  /// The share of rows guessed right, from 0 to 1; NaN without rows.
  public double accuracy() {
    long right = 0;
    for (long hit : hits) {
      right += hit;
    }
    return (double) right / rows;
  }

  /// The mean F1 of all labels that were true or predicted at least once, each counting the same;
  /// NaN without rows.
  public double macroF1() {
    double sum = 0;
    int counted = 0;
    for (int label = 0; label < truths.length; label++) {
      long either = truths[label] + predictions[label];
      if (either > 0) {
        sum += 2.0 * hits[label] / either;
        counted++;
      }
    }
    return sum / counted;
  }

  /// Cells that are not zero, in the order of labels: by truth, then by prediction.
  public List<Confusion> confusion() {
    var found = new ArrayList<Confusion>();
    cells.entrySet().stream()
        .sorted(Comparator.comparingLong(Map.Entry::getKey))
        .forEach(
            cell -> {
              long key = cell.getKey();
              found.add(
                  new Confusion(
                      labels.get((int) (key >> 32)), labels.get((int) key), cell.getValue()));
            });
    return found;
  }
}
