package dev.millrace.classify;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/// Reads a naive Bayes model from JSON in one pass, within [ModelLimits]:
/// ```
/// {"class_probabilities": {"<label>": P(label), …},
///  "word_probabilities":  {"<label>": {"<word>": P(word | label), …}, …},
///  "vocab": …}
/// ```
/// The order of labels is that of `class_probabilities`. `vocab` may be left out and is not used:
/// the vocabulary is the union of all words.
public final class NaiveBayesReader {
  private static final String CLASSES = "class_probabilities";
  private static final String WORDS = "word_probabilities";
  private static final String VOCABULARY = "vocab";
  private static final double PRIOR_TOLERANCE = 1e-6;
  private static final int MAX_DEPTH = 16;
  private static final String MAKE_AGAIN = "Copy the file again, or train the model again.";

  private final Location root;
  private final JsonParser parser;
  private final ModelLimits limits;
  private final NaiveBayesBuilder builder;
  private final Problems warnings = new Problems();
  private final Map<String, Integer> tables = new LinkedHashMap<>(); // label -> table number
  private @Nullable Map<String, Double> priors;
  private boolean wordsRead;

  private NaiveBayesReader(String source, JsonParser parser, ModelLimits limits) {
    this.root = Location.of(source);
    this.parser = parser;
    this.limits = limits;
    this.builder = new NaiveBayesBuilder(limits);
  }

  /// The model in `file`, within the default limits.
  ///
  /// @throws ProblemException saying what is wrong with the file and where, if it is no such model
  public static NaiveBayesModel read(Path file) throws ProblemException {
    return read(file, ModelLimits.DEFAULT);
  }

  /// The model in `file`.
  ///
  /// @throws ProblemException saying what is wrong with the file and where, if it is no such model
  public static NaiveBayesModel read(Path file, ModelLimits limits) throws ProblemException {
    var where = Location.of(file.toString());
    try {
      long size = Files.size(file);
      if (size > limits.fileBytes()) {
        throw new ProblemException(
            badModel(
                where,
                "the file has " + size + " bytes; at most " + limits.fileBytes() + " are read",
                "Leave rare words out of the training data."));
      }
      try (var in = Files.newInputStream(file)) {
        return read(file.toString(), in, limits);
      }
    } catch (NoSuchFileException missing) {
      throw new ProblemException(
          badModel(where, "there is no such model file", "Correct the path, or train a model."),
          missing);
    } catch (IOException failed) {
      throw new ProblemException(
          badModel(
              where,
              "the model file could not be read: " + failed,
              "Check that it is a file and that its permissions let this process read it."),
          failed);
    }
  }

  /// The model in `in`, which is read to its end and not closed. `source` names it in problems.
  ///
  /// @throws ProblemException saying what is wrong and where, if it is no such model
  public static NaiveBayesModel read(String source, InputStream in, ModelLimits limits)
      throws ProblemException {
    try (var parser = factory(limits).createParser(ObjectReadContext.empty(), in)) {
      return new NaiveBayesReader(source, parser, limits).document();
    } catch (JacksonException broken) {
      throw unreadable(Location.of(source), broken);
    }
  }

  /// A factory of its own for each file, so that its table of names goes with it. A model has a
  /// hundred thousand different names, which the default settings take for an attack.
  private static JsonFactory factory(ModelLimits limits) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxDocumentLength(limits.fileBytes())
                .maxNestingDepth(MAX_DEPTH)
                .build())
        .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
        .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
        .build();
  }

  private NaiveBayesModel document() throws ProblemException {
    if (parser.nextToken() == null) {
      throw broken(root, "the file is empty", MAKE_AGAIN);
    }
    expectObject(root, "a model");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var section = parser.currentName();
      var where = root.child(section);
      parser.nextToken();
      switch (section) {
        case CLASSES -> classes(where);
        case WORDS -> words(where);
        case VOCABULARY -> parser.skipChildren();
        default -> {
          warnings.warning(
              "W_UNKNOWN_KEY",
              at(where),
              "the key " + section + " means nothing in a model and has no effect",
              "Remove it.");
          parser.skipChildren();
        }
      }
    }
    if (parser.nextToken() != null) {
      throw broken(root, "something follows the model", MAKE_AGAIN);
    }
    return model();
  }

  private void classes(Location where) throws ProblemException {
    if (priors != null) {
      throw broken(where, CLASSES + " stands here twice", "Remove one.");
    }
    expectObject(where, CLASSES);
    var found = new LinkedHashMap<String, Double>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var label = parser.currentName();
      if (found.putIfAbsent(label, probability(where, label)) != null) {
        throw broken(
            where.child(label), "the label \"" + label + "\" stands here twice", "Remove one.");
      }
      if (found.size() > limits.labels()) {
        throw broken(
            where, "there are more than " + limits.labels() + " labels", "Merge rare labels.");
      }
    }
    priors = found;
  }

  private void words(Location where) throws ProblemException {
    if (wordsRead) {
      throw broken(where, WORDS + " stands here twice", "Remove one.");
    }
    wordsRead = true;
    expectObject(where, WORDS);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var label = parser.currentName();
      var table = where.child(label);
      if (tables.putIfAbsent(label, builder.beginTable()) != null) {
        throw broken(table, "the words of \"" + label + "\" stand here twice", "Remove one.");
      }
      if (tables.size() > limits.labels()) {
        throw broken(
            table, "there are more than " + limits.labels() + " labels", "Merge rare labels.");
      }
      parser.nextToken();
      expectObject(table, "the words of \"" + label + "\"");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        var word = parser.currentName();
        add(table, word, probability(table, word));
      }
    }
  }

  private void add(Location table, String word, double probability) throws ProblemException {
    switch (builder.add(word, probability)) {
      case DONE -> {}
      case TWICE_IN_TABLE ->
          throw broken(
              table.child(word), "the word \"" + word + "\" stands here twice", "Remove one.");
      case TOO_MANY_WORDS ->
          throw broken(
              table,
              "there are more than " + limits.words() + " different words",
              "Leave rare words out of the training data.");
      case TOO_MANY_ENTRIES ->
          throw broken(
              table,
              "the tables hold more than " + limits.entries() + " words together",
              "Leave rare words out of the training data.");
    }
  }

  /// The value of the name the parser stands on.
  private double probability(Location table, String name) throws ProblemException {
    var token = parser.nextToken();
    if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
      throw broken(
          table.child(name),
          "the probability of \"" + name + "\" is not a number",
          "Write a number from 0 to 1.");
    }
    double value = parser.getDoubleValue();
    if (!(value >= 0 && value <= 1)) {
      throw broken(
          table.child(name),
          "the probability of \"" + name + "\" is " + value + "; it must be from 0 to 1",
          "Train the model again.");
    }
    return value;
  }

  private NaiveBayesModel model() throws ProblemException {
    var found = priors;
    if (found == null || found.isEmpty()) {
      throw new ProblemException(
          badModel(
              root,
              found == null ? CLASSES + " is missing" : CLASSES + " names no label",
              "Add {\"label\": P(label), …}, or train the model again."));
    }
    if (builder.words() == 0) {
      throw new ProblemException(
          badModel(
              root,
              wordsRead ? WORDS + " holds no word" : WORDS + " is missing",
              "Add {\"label\": {\"word\": P(word | label), …}, …}, or train the model again."));
    }
    for (var label : tables.keySet()) {
      if (!found.containsKey(label)) {
        throw new ProblemException(
            badModel(
                root.child(WORDS).child(label),
                "\"" + label + "\" has words but no probability in " + CLASSES,
                "Add it there, or remove its words."));
      }
    }
    var labels = List.copyOf(found.keySet());
    var probabilities = found.values().stream().mapToDouble(Double::doubleValue).toArray();
    var labelTables = labels.stream().mapToInt(label -> tables.getOrDefault(label, -1)).toArray();
    warnOfOddities(labels, probabilities);
    return builder.build(labels, probabilities, labelTables, root.child(WORDS), warnings);
  }

  private void warnOfOddities(List<String> labels, double[] probabilities) {
    double sum = 0;
    for (double probability : probabilities) {
      sum += probability;
    }
    if (Math.abs(sum - 1) > PRIOR_TOLERANCE) {
      warnings.warning(
          "W_MODEL_PRIORS",
          root.child(CLASSES),
          "the probabilities of all labels sum to " + sum + ", not 1; they are used as given",
          "Train the model again.");
    }
    for (var label : labels) {
      if (!tables.containsKey(label)) {
        warnings.warning(
            "W_MODEL_NO_WORDS",
            root.child(WORDS),
            "\"" + label + "\" has no words; it counts as having seen none",
            "Add a table for it, or remove it from " + CLASSES + ".");
      }
    }
  }

  private void expectObject(Location where, String what) throws ProblemException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw broken(where, what + " must be a JSON object", "Write {…}.");
    }
  }

  private static ProblemException unreadable(Location root, JacksonException broken) {
    if (broken instanceof JacksonIOException) {
      return new ProblemException(
          badModel(
              root,
              "the model could not be read: " + broken.getOriginalMessage(),
              "Check that it is a file and that its disk works."),
          broken);
    }
    var found = broken.getLocation();
    var at = found == null ? TokenStreamLocation.NA : found;
    var what =
        broken instanceof UnexpectedEndOfInputException
            ? "the model breaks off at byte " + at.getByteOffset() + ": the file is cut short"
            : "this is not JSON, at byte "
                + at.getByteOffset()
                + ": "
                + broken.getOriginalMessage();
    return new ProblemException(
        badModel(root.at(at.getLineNr(), at.getColumnNr()), what, MAKE_AGAIN), broken);
  }

  private ProblemException broken(Location where, String what, @Nullable String fix) {
    long offset = parser.currentTokenLocation().getByteOffset();
    return new ProblemException(badModel(at(where), what + " (byte " + offset + ")", fix));
  }

  private Location at(Location where) {
    var position = parser.currentTokenLocation();
    return where.at(position.getLineNr(), position.getColumnNr());
  }

  private static Problem badModel(Location where, String what, @Nullable String fix) {
    return Problem.error("E_BAD_MODEL", where, what, fix);
  }
}
