package dev.millrace.core.document;

import dev.millrace.core.problem.Problems;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Reads YAML and JSON: a document that begins with `{` or `[` is JSON, any other is YAML 1.2.
public final class Documents {
  /// Mappings and lists inside one another.
  public static final int MAX_DEPTH = 200;

  /// Bytes of one document.
  public static final int MAX_BYTES = 16 << 20;

  private Documents() {}

  /// The tree of `bytes`, or empty after adding what is wrong to `problems`. An empty document is
  /// an empty mapping. `source` names the document in locations.
  public static Optional<Tree> parse(String source, byte[] bytes, Problems problems) {
    var start = dev.millrace.core.problem.Location.of(source).at(1, 1);
    if (bytes.length > MAX_BYTES) {
      problems.error(
          "E_SYNTAX",
          start,
          "the document has " + bytes.length + " bytes; at most " + MAX_BYTES + " are read",
          "Move large lists into files of their own.");
      return Optional.empty();
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException broken) {
      problems.error("E_SYNTAX", start, "the document is not UTF-8", "Save it as UTF-8.");
      return Optional.empty();
    }
    var content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    var trimmed = content.stripLeading();
    return trimmed.startsWith("{") || trimmed.startsWith("[")
        ? JsonDocument.parse(source, content, problems)
        : YamlDocument.parse(source, content, problems);
  }
}
