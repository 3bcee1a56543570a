package dev.millrace.classify;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.util.Arrays;
import java.util.List;

/// Takes word tables one word at a time and turns them round, from words by label to labels by
/// word. Used once by one thread.
final class NaiveBayesBuilder {
  /// Below this a table keeps nothing back for words it lacks: training did not smooth.
  private static final double LEAST_LEFTOVER = 1e-12;

  private static final int NO_TABLE = -1;

  private final ModelLimits limits;
  private final Vocabulary vocabulary = new Vocabulary();
  private int[] seenIn = new int[64]; // by word: the last table that held it
  private int[] entryWords = new int[1_024]; // table after table
  private double[] entryProbabilities = new double[1_024];
  private int entries;
  private int[] tableStarts = new int[16];
  private int tables;

  NaiveBayesBuilder(ModelLimits limits) {
    this.limits = limits;
  }

  /// What became of a word.
  enum Added {
    DONE,
    TWICE_IN_TABLE,
    TOO_MANY_WORDS,
    TOO_MANY_ENTRIES
  }

  int words() {
    return vocabulary.size();
  }

  /// Begins a table and returns its number, from 0.
  int beginTable() {
    if (tables == tableStarts.length) {
      tableStarts = Arrays.copyOf(tableStarts, tables * 2);
    }
    tableStarts[tables] = entries;
    return tables++;
  }

  /// Puts a word into the table begun last. Words get their numbers in the order they come.
  Added add(String text, double probability) {
    if (entries == limits.entries()) {
      return Added.TOO_MANY_ENTRIES;
    }
    int word = vocabulary.add(text);
    if (vocabulary.size() > limits.words()) {
      return Added.TOO_MANY_WORDS;
    }
    if (word >= seenIn.length) {
      seenIn = Arrays.copyOf(seenIn, seenIn.length * 2);
    }
    if (seenIn[word] == tables) {
      return Added.TWICE_IN_TABLE;
    }
    seenIn[word] = tables;
    if (entries == entryWords.length) {
      entryWords = Arrays.copyOf(entryWords, entries * 2);
      entryProbabilities = Arrays.copyOf(entryProbabilities, entries * 2);
    }
    entryWords[entries] = word;
    entryProbabilities[entries] = probability;
    entries++;
    return Added.DONE;
  }

  /// The model. `labelTables` says for each label the number of its table, or -1 for a label that
  /// has none and so has seen nothing. Adds to `warnings` what is odd; `where` is the model's place
  /// for them.
  NaiveBayesModel build(
      List<String> labels, double[] priors, int[] labelTables, Location where, Problems warnings) {
    var logPriors = new double[priors.length];
    var logUnseen = new double[priors.length];
    for (int label = 0; label < priors.length; label++) {
      logPriors[label] = Math.log(priors[label]);
      logUnseen[label] = logUnseen(labels.get(label), labelTables[label], where, warnings);
    }
    var rows = rows(labelTables);
    var entryLabels = new char[entries];
    var entryGains = new double[entries];
    var nextInRow = Arrays.copyOf(rows, rows.length);
    for (int label = 0; label < labelTables.length; label++) {
      int table = labelTables[label];
      for (int entry = start(table); entry < end(table); entry++) {
        int at = nextInRow[entryWords[entry]]++;
        entryLabels[at] = (char) label;
        entryGains[at] = Math.log(entryProbabilities[entry]) - logUnseen[label];
      }
    }
    return new NaiveBayesModel(
        labels, vocabulary, logPriors, logUnseen, rows, entryLabels, entryGains, warnings.all());
  }

  private double logUnseen(String label, int table, Location where, Problems warnings) {
    int known = end(table) - start(table);
    if (known == vocabulary.size()) {
      return 0; // nothing is unseen
    }
    double sum = 0;
    for (int entry = start(table); entry < end(table); entry++) {
      sum += entryProbabilities[entry];
    }
    if (1 - sum <= LEAST_LEFTOVER) {
      warnings.warning(
          "W_MODEL_UNSMOOTHED",
          where,
          "the words of \""
              + label
              + "\" have all of its probability, so nothing is left for words it has not seen;"
              + " 1/"
              + vocabulary.size()
              + " is used for each",
          "Train the model with Laplace smoothing.");
      return -Math.log(vocabulary.size());
    }
    return Math.log((1 - sum) / (vocabulary.size() - known));
  }

  private int[] rows(int[] labelTables) {
    var rows = new int[vocabulary.size() + 1];
    for (int table : labelTables) {
      for (int entry = start(table); entry < end(table); entry++) {
        rows[entryWords[entry] + 1]++;
      }
    }
    Arrays.parallelPrefix(rows, Integer::sum);
    return rows;
  }

  private int start(int table) {
    return table == NO_TABLE ? 0 : tableStarts[table];
  }

  private int end(int table) {
    if (table == NO_TABLE) {
      return 0;
    }
    return table + 1 == tables ? entries : tableStarts[table + 1];
  }
}
