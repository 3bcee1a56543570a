package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.regex.Pattern;
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
              StreamReadConstraints.builder().maxNestingDepth(Documents.MAX_DEPTH + 1).build())
          .build();

  /// How the parser quotes a word that is no JSON: it may be a password without its quotes.
  private static final Pattern UNQUOTED = Pattern.compile("Unrecognized token '[^']*'");

  private final String source;
  private final Guard guard;
  private final JsonParser parser;
  private int depth;

  private JsonDocument(String source, Guard guard, JsonParser parser) {
    this.source = source;
    this.guard = guard;
    this.parser = parser;
  }

  static Optional<Tree> parse(
      String source, String text, Documents.Limits limits, Problems problems) {
    int before = problems.errorCount();
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      var reader = new JsonDocument(source, new Guard(limits, problems), parser);
      parser.nextToken();
      var tree = reader.value("");
      if (parser.nextToken() != null) {
        problems.error("E_SYNTAX", reader.here(""), "something follows the document", "Remove it.");
      }
      return problems.errorCount() == before ? Optional.of(tree) : Optional.empty();
    } catch (Guard.Refused refused) {
      return Optional.empty();
    } catch (JacksonException broken) {
      var at = broken.getLocation();
      var location = Location.of(source);
      problems.error(
          "E_SYNTAX",
          at == null ? location : location.at(at.getLineNr(), at.getColumnNr()),
          "this is not JSON: "
              + UNQUOTED.matcher(broken.getOriginalMessage()).replaceFirst("An unquoted word"),
          null);
      return Optional.empty();
    }
  }

  private Tree value(String pointer) {
    var location = here(pointer);
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        enter(location);
        var mapping = mapping(location);
        depth--;
        yield mapping;
      }
      case START_ARRAY -> {
        enter(location);
        var sequence = sequence(location);
        depth--;
        yield sequence;
      }
      case VALUE_STRING -> {
        var text = parser.getString();
        guard.text(location, text);
        yield Tree.Scalar.of(location, text);
      }
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

  private void enter(Location location) {
    if (depth++ >= Documents.MAX_DEPTH) {
      throw guard.refuse(
          location, "values are nested deeper than " + Documents.MAX_DEPTH, "Flatten them.");
    }
  }

  private Tree sequence(Location location) {
    var items = new ArrayList<Tree>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      var index = String.valueOf(items.size());
      guard.child(location, location, index.length());
      items.add(value(location.child(index).pointer()));
    }
    return new Tree.Sequence(location, items);
  }

  private Tree mapping(Location location) {
    var entries = new LinkedHashMap<String, Tree>();
    var keys = new LinkedHashMap<String, Location>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var key = parser.currentName();
      guard.key(here(location.pointer()), location, key);
      var keyLocation = here(location.child(key).pointer());
      parser.nextToken();
      var value = value(keyLocation.pointer());
      if (entries.putIfAbsent(key, value) != null) {
        guard.duplicate(keyLocation, key);
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
