package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/// YAML 1.2 (core schema) with positions, read from the event stream so that depth and aliases stay
/// bounded, also together: what aliases stand for counts as often as it is asked for. Duplicate
/// keys, keys that are not text, tags and several documents in one are errors.
final class YamlDocument {
  private static final int MAX_ALIASES = 1_000;
  private static final int MAX_ALIASED_VALUES = 100_000;
  private static final int MAX_DIGITS = 1_000; // as JSON; reading more takes time by the square
  private static final Schema SCHEMA = new CoreSchema();

  private final String source;
  private final Problems problems;
  private final Iterator<Event> events;
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int depth;
  private int deepest; // depth reached inside the value being read
  private int aliases;
  private long values; // values so far, those behind aliases included
  private long aliasedValues;

  private YamlDocument(String source, Problems problems, Iterator<Event> events) {
    this.source = source;
    this.problems = problems;
    this.events = events;
  }

  static Optional<Tree> parse(String source, String text, Problems problems) {
    int before = problems.errorCount();
    var settings =
        LoadSettings.builder()
            .setUseMarks(true)
            .setLabel(source)
            .setCodePointLimit(Documents.MAX_BYTES)
            .build();
    try {
      var reader =
          new YamlDocument(source, problems, new Parse(settings).parseString(text).iterator());
      var tree = reader.document();
      return problems.errorCount() == before ? Optional.of(tree) : Optional.empty();
    } catch (Refused refused) {
      return Optional.empty();
    } catch (MarkedYamlEngineException broken) {
      problems.error(
          "E_SYNTAX",
          at(source, broken.getProblemMark().orElse(null), ""),
          "this is not YAML: " + broken.getProblem(),
          null);
      return Optional.empty();
    } catch (NumberFormatException broken) {
      // What the scanner makes of an escape that the document's end cuts off.
      problems.error(
          "E_SYNTAX",
          Location.of(source),
          "this is not YAML: an escape in a quoted text is cut off",
          "Close the quotes at the end of the document.");
      return Optional.empty();
    } catch (YamlEngineException broken) {
      problems.error(
          "E_SYNTAX", Location.of(source), "this is not YAML: " + broken.getMessage(), null);
      return Optional.empty();
    }
  }

  private Tree document() {
    Tree tree = Tree.Mapping.empty(Location.of(source).at(1, 1));
    boolean seen = false;
    while (events.hasNext()) {
      var event = events.next();
      switch (event.getEventId()) {
        case StreamStart, StreamEnd, DocumentStart, DocumentEnd, Comment -> {}
        default -> {
          if (seen) {
            throw refuse(
                event, "", "a second document begins here", "Keep one document in a file.");
          }
          var root = value(event, "");
          boolean empty = root instanceof Tree.Scalar scalar && scalar.value() == null;
          tree = empty ? tree : root;
          seen = true;
        }
      }
    }
    return tree;
  }

  private Tree value(Event event, String pointer) {
    refuseDeeperThan(depth, event, pointer);
    long before = values++;
    int outside = deepest;
    depth++;
    deepest = depth;
    try {
      return switch (event) {
        case MappingStartEvent start ->
            remember(start.getAnchor(), mapping(start, pointer), before);
        case SequenceStartEvent start ->
            remember(start.getAnchor(), sequence(start, pointer), before);
        case ScalarEvent scalar -> remember(scalar.getAnchor(), scalar(scalar, pointer), before);
        case AliasEvent alias -> alias(alias, pointer);
        default -> throw refuse(event, pointer, "unexpected " + event.getEventId(), null);
      };
    } finally {
      depth--;
      deepest = Math.max(deepest, outside);
    }
  }

  private void refuseDeeperThan(int levels, Event event, String pointer) {
    if (levels >= Documents.MAX_DEPTH) {
      throw refuse(
          event, pointer, "values are nested deeper than " + Documents.MAX_DEPTH, "Flatten them.");
    }
  }

  private Tree mapping(MappingStartEvent start, String pointer) {
    var location = at(start, pointer);
    refuseTag(start, start.getTag(), pointer);
    var entries = new LinkedHashMap<String, Tree>();
    var keys = new LinkedHashMap<String, Location>();
    for (var event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      if (!(event instanceof ScalarEvent keyEvent)) {
        throw refuse(event, pointer, "a key must be text", "Quote it or restructure.");
      }
      var key = keyEvent.getValue();
      var keyLocation = at(keyEvent, location.child(key).pointer());
      var value = value(events.next(), keyLocation.pointer());
      if (entries.putIfAbsent(key, value) != null) {
        problems.error(
            "E_DUPLICATE_KEY", keyLocation, "the key " + key + " stands here twice", "Remove one.");
      }
      keys.putIfAbsent(key, keyLocation);
    }
    return new Tree.Mapping(location, entries, keys);
  }

  private Tree sequence(SequenceStartEvent start, String pointer) {
    var location = at(start, pointer);
    refuseTag(start, start.getTag(), pointer);
    var items = new ArrayList<Tree>();
    for (var event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      items.add(value(event, location.child(String.valueOf(items.size())).pointer()));
    }
    return new Tree.Sequence(location, items);
  }

  private Tree scalar(ScalarEvent event, String pointer) {
    var location = at(event, pointer);
    var text = event.getValue();
    refuseTag(event, event.getTag(), pointer);
    if (!event.isPlain()) {
      return Tree.Scalar.of(location, text);
    }
    var tag = SCHEMA.getScalarResolver().resolve(text, true);
    Object value = text;
    if (tag.equals(Tag.NULL)) {
      value = null;
    } else if (tag.equals(Tag.BOOL)) {
      value = Boolean.valueOf(text);
    } else if (tag.equals(Tag.INT)) {
      if (text.length() > MAX_DIGITS) {
        throw refuse(
            event, pointer, "a number has more than " + MAX_DIGITS + " digits", "Quote it.");
      }
      value = integer(text);
    } else if (tag.equals(Tag.FLOAT)) {
      value = floating(text);
    }
    return Tree.Scalar.of(location, value);
  }

  private Tree alias(AliasEvent alias, String pointer) {
    if (++aliases > MAX_ALIASES) {
      throw refuse(alias, pointer, "more than " + MAX_ALIASES + " aliases", "Write values out.");
    }
    var target = anchors.get(alias.getAlias());
    if (target == null) {
      throw refuse(
          alias, pointer, "nothing before this is anchored &" + alias.getAlias(), "Anchor it.");
    }
    aliasedValues += target.values;
    if (aliasedValues > MAX_ALIASED_VALUES) {
      throw refuse(
          alias,
          pointer,
          "aliases stand for more than " + MAX_ALIASED_VALUES + " values",
          "Write values out.");
    }
    refuseDeeperThan(depth + target.height - 2, alias, pointer);
    values += target.values - 1;
    deepest = Math.max(deepest, depth + target.height - 1);
    return target.tree;
  }

  private Tree remember(Optional<Anchor> anchor, Tree tree, long before) {
    anchor.ifPresent(
        name -> anchors.put(name, new Anchored(tree, values - before, deepest - depth + 1)));
    return tree;
  }

  private void refuseTag(Event event, Optional<String> tag, String pointer) {
    if (tag.isPresent() && !tag.get().equals("!")) {
      throw refuse(event, pointer, "tags such as " + tag.get() + " are not read", "Remove it.");
    }
  }

  private static Object integer(String text) {
    var sign = text.startsWith("-") ? "-" : "";
    var digits = text.startsWith("+") || text.startsWith("-") ? text.substring(1) : text;
    var number =
        digits.startsWith("0x")
            ? new BigInteger(sign + digits.substring(2), 16)
            : digits.startsWith("0o")
                ? new BigInteger(sign + digits.substring(2), 8)
                : new BigInteger(sign + digits);
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }

  private static double floating(String text) {
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
      case "-.inf" -> Double.NEGATIVE_INFINITY;
      case ".nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private Refused refuse(Event event, String pointer, String what, @Nullable String fix) {
    problems.error("E_SYNTAX", at(event, pointer), what, fix);
    return new Refused();
  }

  private Location at(Event event, String pointer) {
    return at(source, event.getStartMark().orElse(null), pointer);
  }

  private static Location at(String source, @Nullable Mark mark, String pointer) {
    return mark == null
        ? new Location(source, 0, 0, pointer)
        : new Location(source, mark.getLine() + 1, mark.getColumn() + 1, pointer);
  }

  /// A value others may refer to: how many values it holds, itself included, and how many levels.
  private record Anchored(Tree tree, long values, int height) {}

  /// Ends reading after a problem that leaves nothing sensible to go on with.
  private static final class Refused extends RuntimeException {
    Refused() {
      super(null, null, false, false);
    }
  }
}
