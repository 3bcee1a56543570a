package dev.millrace.classify;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;

/// Counts words in labelled documents and makes a naive Bayes model of them, with
/// P(label) = documents of the label / all documents and, for words seen in the label,
/// P(word | label) = (count + 1) / (words of the label + V), V being the number of different words.
/// What that leaves over is the share of words that the label has not seen.
///
/// The same documents make the same bytes, in whatever order they come: labels and words are sorted
/// by code point. Not thread-safe.
public final class NaiveBayesTrainer {
  private static final Comparator<String> BY_CODE_POINT = NaiveBayesTrainer::compareCodePoints;
  private static final Location TRAINING = Location.of("training data");

  private final ModelLimits limits;
  private final WordTokenizer tokens = new WordTokenizer();
  private final Map<String, Counts> labels = new HashMap<>();
  private final Set<String> vocabulary = new HashSet<>();
  private long documents;
  private long entries;

  public NaiveBayesTrainer() {
    this(ModelLimits.DEFAULT);
  }

  /// A trainer that refuses to outgrow what a reader with the same limits accepts.
  public NaiveBayesTrainer(ModelLimits limits) {
    this.limits = limits;
  }

  /// Learns from one document. One without words counts for its label all the same.
  ///
  /// @throws ProblemException when there are too many labels or different words
  public void add(String label, String text) throws ProblemException {
    var counts = labels.get(label);
    if (counts == null) {
      refuseIf(labels.size() == limits.labels(), limits.labels() + " labels", "Merge rare labels.");
      counts = new Counts();
      labels.put(label, counts);
    }
    documents++;
    counts.documents++;
    tokens.reset(text);
    while (tokens.next()) {
      var word = tokens.word();
      if (vocabulary.add(word)) {
        refuseIf(
            vocabulary.size() > limits.words(),
            limits.words() + " different words",
            "Train on fewer documents.");
      }
      counts.total++;
      if (counts.words.merge(word, 1, Integer::sum) == 1) {
        refuseIf(
            ++entries > limits.entries(),
            limits.entries() + " words of all labels together",
            "Train on fewer documents.");
      }
    }
  }

  /// Documents so far.
  public long documents() {
    return documents;
  }

  /// The model of the documents so far.
  ///
  /// @throws ProblemException when they hold no word
  public NaiveBayesModel model() throws ProblemException {
    refuseEmpty();
    var names = sorted(labels.keySet());
    var builder = new NaiveBayesBuilder(limits);
    var priors = new double[names.size()];
    var tables = new int[names.size()];
    for (int label = 0; label < priors.length; label++) {
      var counts = countsOf(names.get(label));
      priors[label] = prior(counts);
      tables[label] = builder.beginTable();
      for (var word : sorted(counts.words.keySet())) {
        builder.add(word, probability(counts, word));
      }
    }
    return builder.build(names, priors, tables, TRAINING, new Problems());
  }

  /// Writes the model as the JSON that [NaiveBayesReader] reads, in UTF-8, and flushes; `out` stays
  /// open. What is read back equals [#model].
  ///
  /// @throws ProblemException when the documents hold no word
  /// @throws tools.jackson.core.JacksonException if `out` fails
  public void writeTo(OutputStream out) throws ProblemException {
    refuseEmpty();
    var names = sorted(labels.keySet());
    try (var json = Json.generator(out)) {
      json.configure(StreamWriteFeature.AUTO_CLOSE_TARGET, false);
      json.writeStartObject();
      json.writeObjectPropertyStart("class_probabilities");
      for (var name : names) {
        json.writeNumberProperty(name, prior(countsOf(name)));
      }
      json.writeEndObject();
      json.writeObjectPropertyStart("word_probabilities");
      for (var name : names) {
        json.writeObjectPropertyStart(name);
        writeWords(countsOf(name), json);
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeObjectPropertyStart("vocab");
      int index = 0;
      for (var word : sorted(vocabulary)) {
        json.writeNumberProperty(word, index++);
      }
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  private void writeWords(Counts counts, JsonGenerator json) {
    for (var word : sorted(counts.words.keySet())) {
      json.writeNumberProperty(word, probability(counts, word));
    }
  }

  private double prior(Counts counts) {
    return (double) counts.documents / documents;
  }

  private double probability(Counts counts, String word) {
    return (counts.words.getOrDefault(word, 0) + 1.0) / (counts.total + vocabulary.size());
  }

  private Counts countsOf(String label) {
    return labels.getOrDefault(label, Counts.NONE);
  }

  private void refuseEmpty() throws ProblemException {
    if (vocabulary.isEmpty()) {
      throw new ProblemException(
          Problem.error(
              "E_BAD_TRAINING_DATA",
              TRAINING,
              "the " + documents + " documents hold no word to learn from",
              "Check which column is the text."));
    }
  }

  private static void refuseIf(boolean tooMany, String most, String fix) throws ProblemException {
    if (tooMany) {
      throw new ProblemException(
          Problem.error("E_BAD_TRAINING_DATA", TRAINING, "there are more than " + most, fix));
    }
  }

  private static List<String> sorted(Set<String> texts) {
    var list = new ArrayList<>(texts);
    list.sort(BY_CODE_POINT);
    return list;
  }

  /// As UTF-8 bytes would sort; `compareTo` puts surrogate pairs before U+E000.
  private static int compareCodePoints(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean pairX = Character.isSurrogate(x);
        return pairX == Character.isSurrogate(y) ? Character.compare(x, y) : pairX ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /// What was seen of one label.
  private static final class Counts {
    private static final Counts NONE = new Counts();

    private final Map<String, Integer> words = new HashMap<>();
    private long documents;
    private long total; // words, repeated ones included
  }
}
