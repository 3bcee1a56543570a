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
import java.util.regex.Pattern;
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
import org.snakeyaml.engine.v2.exceptions.ReaderException;
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
  private static final long MAX_ALIASED_TEXT = 4 << 20; // characters
  private static final int MAX_DIGITS = 1_000; // as JSON; reading more takes time by the square
  private static final Schema SCHEMA = new CoreSchema();

  /// Where the scanner's words quote more than a character of the document.
  private static final Pattern QUOTED =
      Pattern.compile("(?<=tag handle |found: |in UTF-8: |valid version: ).*", Pattern.DOTALL);

  private final String source;
  private final Guard guard;
  private final Iterator<Event> events;
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int depth;
  private int deepest; // depth reached inside the value being read
  private int aliases;
  private long values; // values so far, those behind aliases included
  private long aliasedValues;
  private long text; // characters so far, those behind aliases included
  private long aliasedText;

  private YamlDocument(String source, Guard guard, Iterator<Event> events) {
    this.source = source;
    this.guard = guard;
    this.events = events;
  }

  static Optional<Tree> parse(
      String source, String text, Documents.Limits limits, Problems problems) {
    int before = problems.errorCount();
    var settings =
        LoadSettings.builder()
            .setUseMarks(true)
            .setLabel(source)
            .setCodePointLimit(limits.bytes())
            .build();
    try {
      var reader =
          new YamlDocument(
              source,
              new Guard(limits, problems),
              new Parse(settings).parseString(text).iterator());
      var tree = reader.document();
      return problems.errorCount() == before ? Optional.of(tree) : Optional.empty();
    } catch (Guard.Refused refused) {
      return Optional.empty();
    } catch (MarkedYamlEngineException broken) {
      complain(source, broken, problems);
      return Optional.empty();
    } catch (NumberFormatException broken) {
      // What the scanner makes of an escape that the document's end cuts off.
      problems.error(
          "E_SYNTAX",
          Location.of(source),
          "this is not YAML: an escape in a quoted text is cut off",
          "Close the quotes at the end of the document.");
      return Optional.empty();
    } catch (ReaderException broken) {
      problems.error(
          "E_SYNTAX",
          at(source, text, broken.getPosition()),
          String.format("the character U+%04X cannot stand in a document", broken.getCodePoint()),
          "Remove it, or write it as an escape in double quotes.");
      return Optional.empty();
    } catch (YamlEngineException broken) {
      problems.error("E_SYNTAX", Location.of(source), "this is not YAML", null);
      return Optional.empty();
    }
  }

  /// Says it in the scanner's words, which name characters and tokens, without the few that quote a
  /// text: somebody may have forgotten its quotes.
  private static void complain(String source, MarkedYamlEngineException broken, Problems problems) {
    var location = at(source, broken.getProblemMark().orElse(null), "");
    var words = broken.getProblem();
    if (words.contains("\\t(TAB)")) {
      problems.error(
          "E_SYNTAX",
          location,
          "this is not YAML: a tab stands where only spaces may indent",
          "Indent with spaces.");
    } else {
      problems.error(
          "E_SYNTAX",
          location,
          "this is not YAML: " + QUOTED.matcher(words).replaceFirst("…"),
          null);
    }
  }

  private Tree document() {
    Tree tree = Tree.Scalar.of(Location.of(source).at(1, 1), null);
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
          tree = value(event, "");
          seen = true;
        }
      }
    }
    return tree;
  }

  private Tree value(Event event, String pointer) {
    refuseDeeperThan(depth, event, pointer);
    long before = values++;
    long textBefore = text;
    int outside = deepest;
    depth++;
    deepest = depth;
    try {
      return switch (event) {
        case MappingStartEvent start ->
            remember(start.getAnchor(), mapping(start, pointer), before, textBefore);
        case SequenceStartEvent start ->
            remember(start.getAnchor(), sequence(start, pointer), before, textBefore);
        case ScalarEvent scalar ->
            remember(scalar.getAnchor(), scalar(scalar, pointer), before, textBefore);
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
      guard.key(at(keyEvent, pointer), location, key);
      text += key.length();
      var keyLocation = at(keyEvent, location.child(key).pointer());
      var value = value(events.next(), keyLocation.pointer());
      if (entries.putIfAbsent(key, value) != null) {
        guard.duplicate(keyLocation, key);
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
      var index = String.valueOf(items.size());
      guard.child(at(event, pointer), location, index.length());
      items.add(value(event, location.child(index).pointer()));
    }
    return new Tree.Sequence(location, items);
  }

  private Tree scalar(ScalarEvent event, String pointer) {
    var location = at(event, pointer);
    var content = event.getValue();
    refuseTag(event, event.getTag(), pointer);
    guard.text(location, content);
    text += content.length();
    if (!event.isPlain()) {
      return Tree.Scalar.of(location, content);
    }
    var tag = SCHEMA.getScalarResolver().resolve(content, true);
    Object value = content;
    if (tag.equals(Tag.NULL)) {
      value = null;
    } else if (tag.equals(Tag.BOOL)) {
      value = Boolean.valueOf(content);
    } else if (tag.equals(Tag.INT)) {
      if (content.length() > MAX_DIGITS) {
        throw refuse(
            event, pointer, "a number has more than " + MAX_DIGITS + " digits", "Quote it.");
      }
      value = integer(content);
    } else if (tag.equals(Tag.FLOAT)) {
      value = floating(content);
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
          alias,
          pointer,
          "nothing before this alias is anchored under its name",
          "Anchor it, or quote a text that begins with *.");
    }
    aliasedText += target.text;
    if (aliasedText > MAX_ALIASED_TEXT) {
      throw refuse(
          alias,
          pointer,
          "aliases stand for more than " + MAX_ALIASED_TEXT + " characters",
          "Write values out.");
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
    text += target.text;
    deepest = Math.max(deepest, depth + target.height - 1);
    return target.tree;
  }

  private Tree remember(Optional<Anchor> anchor, Tree tree, long before, long textBefore) {
    anchor.ifPresent(
        name ->
            anchors.put(
                name, new Anchored(tree, values - before, text - textBefore, deepest - depth + 1)));
    return tree;
  }

  private void refuseTag(Event event, Optional<String> tag, String pointer) {
    if (tag.isPresent() && !tag.get().equals("!")) {
      throw refuse(
          event, pointer, "tags are not read", "Remove it, or quote a text that begins with !.");
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

  private Guard.Refused refuse(Event event, String pointer, String what, @Nullable String fix) {
    return guard.refuse(at(event, pointer), what, fix);
  }

  private Location at(Event event, String pointer) {
    return at(source, event.getStartMark().orElse(null), pointer);
  }

  private static Location at(String source, @Nullable Mark mark, String pointer) {
    return mark == null
        ? new Location(source, 0, 0, pointer)
        : new Location(source, mark.getLine() + 1, mark.getColumn() + 1, pointer);
  }

  /// The line and column of the character at `index`.
  private static Location at(String source, String text, int index) {
    int end = Math.min(index, text.length());
    int lineStart = text.lastIndexOf('\n', end - 1) + 1;
    int line = 1 + (int) text.substring(0, lineStart).chars().filter(c -> c == '\n').count();
    return Location.of(source).at(line, end - lineStart + 1);
  }

  /// A value others may refer to: how many values and characters of text it holds, itself included,
  /// and how many levels.
  private record Anchored(Tree tree, long values, long text, int height) {}
}
