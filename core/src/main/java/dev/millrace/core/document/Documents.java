package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Reads YAML and JSON: a document that begins with `{` or `[` is JSON, any other is YAML 1.2. No
/// problem quotes a value of the document: it may be a password that was written without quotes.
public final class Documents {
  /// Mappings and lists inside one another.
  public static final int MAX_DEPTH = 200;

  /// Bytes of one configuration.
  public static final int MAX_BYTES = 1 << 20;

  /// What one document may ask for: its bytes, how many values it may have (keys count), and how
  /// many characters the paths of all of them together.
  public record Limits(int bytes, int values, long pathCharacters) {
    /// A second or so of reading.
    public static final Limits CONFIGURATION = new Limits(MAX_BYTES, 200_000, 16 << 20);

    /// A graph of the largest size with a few settings at each node.
    public static final Limits GRAPH = new Limits(64 << 20, 1_000_000, 128 << 20);
  }

  private Documents() {}

  /// The tree of `bytes`, or empty after adding what is wrong to `problems`. An empty document is
  /// an empty mapping. `source` names the document in locations.
  public static Optional<Tree> parse(String source, byte[] bytes, Problems problems) {
    return parse(source, bytes, Limits.CONFIGURATION, problems);
  }

  /// The same for a document that may be larger or smaller than a configuration.
  public static Optional<Tree> parse(
      String source, byte[] bytes, Limits limits, Problems problems) {
    return read(source, bytes, limits, problems)
        .map(tree -> isNothing(tree) ? Tree.Mapping.empty(start(source)) : tree);
  }

  /// Like [#parse] for a document that has to be a mapping. An empty one is an error: it is more
  /// likely a file that is just being written than a wish for all defaults.
  public static Optional<Tree.Mapping> parseMapping(
      String source, byte[] bytes, Problems problems) {
    var tree = read(source, bytes, Limits.CONFIGURATION, problems);
    if (tree.isEmpty()) {
      return Optional.empty();
    }
    if (tree.get() instanceof Tree.Mapping mapping) {
      return Optional.of(mapping);
    }
    boolean empty = isNothing(tree.get());
    var kind = tree.get() instanceof Tree.Sequence ? "a list" : "a single value";
    problems.error(
        "E_BAD_CONFIG",
        empty ? start(source) : tree.get().location(),
        empty ? "the document is empty" : "a mapping is wanted here, not " + kind,
        "Begin with a key and a colon, such as server:.");
    return Optional.empty();
  }

  /// An empty document is a scalar without a value.
  private static Optional<Tree> read(
      String source, byte[] bytes, Limits limits, Problems problems) {
    if (bytes.length > limits.bytes()) {
      problems.error(
          "E_SYNTAX",
          start(source),
          "the document has " + bytes.length + " bytes; at most " + limits.bytes() + " are read",
          "Move large lists into files of their own.");
      return Optional.empty();
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException broken) {
      problems.error("E_SYNTAX", start(source), "the document is not UTF-8", "Save it as UTF-8.");
      return Optional.empty();
    }
    var content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    var trimmed = content.stripLeading();
    return trimmed.startsWith("{") || trimmed.startsWith("[")
        ? JsonDocument.parse(source, content, limits, problems)
        : YamlDocument.parse(source, content, limits, problems);
  }

  private static boolean isNothing(Tree tree) {
    return tree instanceof Tree.Scalar scalar && scalar.value() == null;
  }

  private static Location start(String source) {
    return Location.of(source).at(1, 1);
  }
}
