package dev.millrace.connect.simulated;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The sentences and words of one language, read once from a resource file. Immutable.
///
/// A file has a block per topic: `[sport]`, then slots (`team = the home side | the reserves`) and
/// templates (`- What a match! {team} won it.`). A slot that a block does not define is looked up
/// in the block `[common]`.
final class Phrasebook {
  private static final String COMMON = "common";

  private final Map<Topic, Chapter> chapters;

  /// One topic: templates as literal pieces and slots in turn.
  private record Chapter(List<List<Piece>> templates) {}

  private sealed interface Piece {
    record Literal(String text) implements Piece {}

    record Slot(String[] words) implements Piece {}
  }

  private Phrasebook(Map<Topic, Chapter> chapters) {
    this.chapters = chapters;
  }

  /// The phrasebook of `lang` from the class path.
  static Phrasebook of(String lang) {
    var name = "phrases-" + lang + ".txt";
    try (InputStream in = Phrasebook.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static Phrasebook parse(String name, String text) {
    var slots = new HashMap<String, Map<String, String[]>>();
    var templates = new HashMap<String, List<String>>();
    var block = COMMON;
    for (var line : text.lines().map(String::strip).toList()) {
      if (line.startsWith("[") && line.endsWith("]")) {
        block = line.substring(1, line.length() - 1);
      } else if (line.startsWith("- ")) {
        templates.computeIfAbsent(block, key -> new ArrayList<>()).add(line.substring(2));
      } else if (!line.isEmpty()) {
        int equals = line.indexOf('=');
        slots
            .computeIfAbsent(block, key -> new HashMap<>())
            .put(line.substring(0, equals).strip(), split(line.substring(equals + 1)));
      }
    }
    var chapters = new EnumMap<Topic, Chapter>(Topic.class);
    for (var topic : Topic.values()) {
      var words = new HashMap<>(slots.getOrDefault(COMMON, Map.of()));
      words.putAll(slots.getOrDefault(topic.label(), Map.of()));
      var own = templates.getOrDefault(topic.label(), List.of());
      if (own.isEmpty()) {
        throw new IllegalStateException(name + " has no template for " + topic.label());
      }
      chapters.put(topic, new Chapter(own.stream().map(t -> pieces(name, t, words)).toList()));
    }
    return new Phrasebook(chapters);
  }

  /// A sentence about `topic`, appended to `out`.
  void write(Topic topic, CounterRandom random, StringBuilder out) {
    var templates = Objects.requireNonNull(chapters.get(topic)).templates();
    for (var piece : templates.get(random.below(templates.size()))) {
      switch (piece) {
        case Piece.Literal(var literal) -> out.append(literal);
        case Piece.Slot(var words) -> out.append(words[random.below(words.length)]);
      }
    }
  }

  private static List<Piece> pieces(String name, String template, Map<String, String[]> words) {
    var pieces = new ArrayList<Piece>();
    int at = 0;
    while (at < template.length()) {
      int open = template.indexOf('{', at);
      if (open < 0) {
        pieces.add(new Piece.Literal(template.substring(at).replace("\\n", "\n")));
        break;
      }
      int close = template.indexOf('}', open);
      var slot = template.substring(open + 1, close);
      var choices = words.get(slot);
      if (choices == null) {
        throw new IllegalStateException(name + ": no slot {" + slot + "} for: " + template);
      }
      pieces.add(new Piece.Literal(template.substring(at, open).replace("\\n", "\n")));
      pieces.add(new Piece.Slot(choices));
      at = close + 1;
    }
    return List.copyOf(pieces);
  }

  private static String[] split(String choices) {
    var words = choices.split("\\|");
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].strip();
    }
    return words;
  }
}
