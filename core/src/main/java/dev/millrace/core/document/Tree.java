package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A document as a tree in which every value knows where it stood. Immutable.
public sealed interface Tree {
  Location location();

  /// What this is, for messages: `a mapping`, `the text "12a"`.
  String describe();

  /// Keys in document order. `keyLocations` says where each key stood.
  record Mapping(
      Location location, SequencedMap<String, Tree> entries, Map<String, Location> keyLocations)
      implements Tree {
    public Mapping {
      entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
      keyLocations = Map.copyOf(keyLocations);
    }

    public static Mapping empty(Location location) {
      return new Mapping(location, new LinkedHashMap<>(), Map.of());
    }

    public @Nullable Tree get(String key) {
      return entries.get(key);
    }

    public Location keyLocation(String key) {
      return keyLocations.getOrDefault(key, location.child(key));
    }

    /// The same mapping with `key` set, at its old place if it was there.
    public Mapping with(String key, Tree value) {
      var more = new LinkedHashMap<>(entries);
      more.put(key, value);
      var locations = new LinkedHashMap<>(keyLocations);
      locations.put(key, value.location());
      return new Mapping(location, more, locations);
    }

    /// The same mapping without `key`.
    public Mapping without(String key) {
      var fewer = new LinkedHashMap<>(entries);
      fewer.remove(key);
      var locations = new LinkedHashMap<>(keyLocations);
      locations.remove(key);
      return new Mapping(location, fewer, locations);
    }

    @Override
    public String describe() {
      return "a mapping";
    }
  }

  record Sequence(Location location, List<Tree> items) implements Tree {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String describe() {
      return "a list";
    }
  }

  /// One value: `String`, `Long`, `BigInteger`, `Double`, `Boolean` or null.
  record Scalar(Location location, @Nullable Object value, Origin origin) implements Tree {

    /// Where a value came from.
    public enum Origin {
      /// The document itself.
      DOCUMENT,
      /// Outside of it: `--set`, a variable that overrides a key, a default. Such text has no types
      /// of its own: it may stand for a number or a boolean.
      OUTSIDE,
      /// The environment by way of `${…}`, or a file of secrets: like `OUTSIDE`, and never shown.
      SECRET
    }

    /// A value of the document.
    public static Scalar of(Location location, @Nullable Object value) {
      return new Scalar(location, value, Origin.DOCUMENT);
    }

    public static Scalar loose(Location location, String text) {
      return new Scalar(location, text, Origin.OUTSIDE);
    }

    /// Text that no message, answer or log may show.
    public static Scalar secret(Location location, String text) {
      return new Scalar(location, text, Origin.SECRET);
    }

    /// Whether text may stand for a number or a boolean.
    public boolean loose() {
      return origin != Origin.DOCUMENT;
    }

    @Override
    public String describe() {
      if (origin == Origin.SECRET) {
        return "a value that is not shown";
      }
      return switch (value) {
        case null -> "nothing";
        case String text -> "the text \"" + shortened(text) + "\"";
        case Boolean flag -> "the boolean " + flag;
        case Object number -> "the number " + number;
      };
    }

    private static String shortened(String text) {
      return text.length() <= 40 ? text : text.substring(0, 39) + "…";
    }

    /// Without the value of a secret.
    @Override
    public String toString() {
      return "Scalar[" + location + ", " + describe() + "]";
    }
  }
}
