package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// JSON with positions. Duplicate keys are errors.
final class JsonDocument {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(Documents.MAX_DEPTH).build())
          .build();

  private final String source;
  private final Problems problems;
  private final JsonParser parser;

  private JsonDocument(String source, Problems problems, JsonParser parser) {
    this.source = source;
    this.problems = problems;
    this.parser = parser;
  }

  static Optional<Tree> parse(String source, String text, Problems problems) {
    int before = problems.errorCount();
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      var reader = new JsonDocument(source, problems, parser);
      parser.nextToken();
      var tree = reader.value("");
      if (parser.nextToken() != null) {
        problems.error("E_SYNTAX", reader.here(""), "something follows the document", "Remove it.");
      }
      return problems.errorCount() == before ? Optional.of(tree) : Optional.empty();
    } catch (JacksonException broken) {
      var at = broken.getLocation();
      var location = Location.of(source);
      problems.error(
          "E_SYNTAX",
          at == null ? location : location.at(at.getLineNr(), at.getColumnNr()),
          "this is not JSON: " + broken.getOriginalMessage(),
          null);
      return Optional.empty();
    }
  }

  // Recursion is bounded: the parser refuses to nest deeper than MAX_DEPTH.
  private Tree value(String pointer) {
    var location = here(pointer);
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(location);
      case START_ARRAY -> {
        var items = new ArrayList<Tree>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(location.child(String.valueOf(items.size())).pointer()));
        }
        yield new Tree.Sequence(location, items);
      }
      case VALUE_STRING -> Tree.Scalar.of(location, parser.getString());
      case VALUE_NUMBER_INT -> {
        Number number = parser.getNumberValue();
        yield Tree.Scalar.of(
            location, number instanceof Integer small ? (Object) small.longValue() : number);
      }
      case VALUE_NUMBER_FLOAT -> Tree.Scalar.of(location, parser.getDoubleValue());
      case VALUE_TRUE -> Tree.Scalar.of(location, true);
      case VALUE_FALSE -> Tree.Scalar.of(location, false);
      default -> Tree.Scalar.of(location, null);
    };
  }

  private Tree mapping(Location location) {
    var entries = new LinkedHashMap<String, Tree>();
    var keys = new LinkedHashMap<String, Location>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var key = parser.currentName();
      var keyLocation = here(location.child(key).pointer());
      parser.nextToken();
      var value = value(keyLocation.pointer());
      if (entries.putIfAbsent(key, value) != null) {
        problems.error(
            "E_DUPLICATE_KEY", keyLocation, "the key " + key + " stands here twice", "Remove one.");
      }
      keys.putIfAbsent(key, keyLocation);
    }
    return new Tree.Mapping(location, entries, keys);
  }

  private Location here(String pointer) {
    var at = parser.currentTokenLocation();
    return new Location(source, at.getLineNr(), at.getColumnNr(), pointer);
  }
}
