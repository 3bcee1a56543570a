package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The declaration of a piece of configuration, read off a record: each component is a key, in
/// `snake_case`, with its type, its [Default], its [Range] and what it is [About]; also its
/// [Alias]es, what it stands [NotWith], and the [Hint] for its numbers. Defaults,
/// validation, JSON Schema and reference pages all come from here.
///
/// Components may be `String`, `int`, `long`, `double`, `boolean`, enums (lower case in documents),
/// `Duration`, [ByteSize], nested records (a mapping of their own, or with [SameLevel] keys among
/// the others), lists and maps (text keys) of these, and [Tree] for a
/// part that somebody else reads. A record checks what no single key can in its compact
/// constructor, with an `IllegalArgumentException` whose message is the problem.
public final class Spec<T extends Record> {
  private static final Map<Class<?>, Spec<?>> KNOWN = new ConcurrentHashMap<>();

  private final Class<T> type;
  private final List<Part> parts; // one per component
  private final List<Key> keys;
  private final Constructor<T> constructor;

  /// What a component is: a key of its own, or a record whose keys stand at this level.
  private sealed interface Part {
    record OneKey(Key key) implements Part {}

    record Level(Spec<?> spec) implements Part {}
  }

  /// One key. `type` is how documentation calls its values; `fallback` is null for a required key
  /// or one that may be left out without a default; `onRestart` says that a change of it, or of
  /// anything beneath it, waits for the next start. `aliases` are further names of it, `notWith` is
  /// the key that says the same in another way, `hint` the numbers that make sense, and `nonFinite`
  /// says that NaN and infinities are taken.
  public record Key(
      String name,
      List<String> aliases,
      String type,
      String about,
      boolean required,
      @Nullable String fallback,
      double min,
      double max,
      @Nullable Hint hint,
      boolean nonFinite,
      @Nullable String notWith,
      boolean secret,
      boolean onRestart,
      KeyType reader) {

    /// What `mapping` says under any name of this key, null where it says nothing.
    public @Nullable Tree in(Tree.Mapping mapping) {
      var given = mapping.get(name);
      for (int i = 0; i < aliases.size() && (given == null || isNothing(given)); i++) {
        given = mapping.get(aliases.get(i));
      }
      return given == null || isNothing(given) ? null : given;
    }

    /// Whether a document may call it so.
    boolean isCalled(String other) {
      return name.equals(other) || aliases.contains(other);
    }
  }

  private Spec(Class<T> type) {
    this.type = type;
    var components = type.getRecordComponents();
    this.parts = Arrays.stream(components).map(Spec::part).toList();
    this.keys =
        parts.stream()
            .flatMap(
                part ->
                    switch (part) {
                      case Part.OneKey(var key) -> Stream.of(key);
                      case Part.Level(var spec) -> spec.keys().stream();
                    })
            .toList();
    try {
      this.constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
    } catch (NoSuchMethodException impossible) {
      throw new IllegalStateException(type + " has no canonical constructor", impossible);
    }
  }

  @SuppressWarnings("unchecked") // the map is keyed by the very class
  public static <T extends Record> Spec<T> of(Class<T> type) {
    var known = KNOWN.get(type);
    if (known == null) {
      known = new Spec<>(type);
      KNOWN.put(type, known);
    }
    return (Spec<T>) known;
  }

  public List<Key> keys() {
    return keys;
  }

  /// The keys whose value may also stand in a file, by the name of the key that holds the path:
  /// `x_file` for every secret text `x`, unless the record has a key of that name.
  public SequencedMap<String, Key> fileForms() {
    var forms = new LinkedHashMap<String, Key>();
    for (var key : keys) {
      if (key.secret() && key.reader() instanceof KeyType.Text) {
        forms.put(key.name() + "_file", key);
      }
    }
    keys.forEach(key -> forms.remove(key.name()));
    return forms;
  }

  public Class<T> type() {
    return type;
  }

  /// Whether any key, here or beneath, is a secret.
  boolean holdsSecrets() {
    return keys.stream().anyMatch(key -> key.secret() || key.reader().holdsSecrets());
  }

  /// The record with every default.
  ///
  /// @throws IllegalStateException if a key is required
  public T defaults() {
    var problems = new Problems();
    return read(Tree.Mapping.empty(Location.of("defaults")), problems)
        .orElseThrow(() -> new IllegalStateException(type.getSimpleName() + ": " + problems));
  }

  /// Reads a mapping; adds every problem in it to `problems` and returns empty if one is an error.
  /// Unknown keys are warnings.
  public Optional<T> read(Tree tree, Problems problems) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      problems.error(
          "E_BAD_CONFIG",
          tree.location(),
          "a mapping is wanted here, not " + (holdsSecrets() ? "something else" : tree.describe()),
          "Write the keys on lines of their own: " + exampleKey() + ": …");
      return Optional.empty();
    }
    warnOfUnknownKeys(mapping, problems);
    int before = problems.errorCount();
    Ambiguities.report(keys, mapping, problems);
    var read = readParts(mapping, problems);
    return problems.errorCount() > before ? Optional.empty() : read;
  }

  private Optional<T> readParts(Tree.Mapping mapping, Problems problems) {
    int before = problems.errorCount();
    var values = new @Nullable Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (parts.get(i)) {
            case Part.OneKey(var key) -> readKey(key, mapping, problems);
            case Part.Level(var spec) -> spec.readParts(mapping, problems).orElse(null);
          };
    }
    if (problems.errorCount() > before) {
      return Optional.empty();
    }
    try {
      return Optional.of(constructor.newInstance(values));
    } catch (InvocationTargetException refused) {
      if (refused.getCause() instanceof IllegalArgumentException reason) {
        var what = Secrets.masked(Secrets.hidden(messageOf(reason), Secrets.values(mapping, this)));
        problems.error("E_BAD_CONFIG", mapping.location(), what, null);
        return Optional.empty();
      }
      throw new IllegalStateException(type + " could not be made", refused.getCause());
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(type + " could not be made", impossible);
    }
  }

  /// JSON Schema (draft 2020-12) of the mapping.
  public ObjectNode schema() {
    return Schemas.of(this);
  }

  private @Nullable Object readKey(Key key, Tree.Mapping mapping, Problems problems) {
    var given = key.in(mapping);
    if (given != null) {
      var value = key.reader().read(given, key, problems);
      Bounds.warnBeyondHint(key, given, value, problems);
      return value;
    }
    if (key.fallback() != null) {
      var location = Location.of("default of " + key.name());
      return key.reader().read(Tree.Scalar.loose(location, key.fallback()), key, problems);
    }
    if (key.required()) {
      problems.error(
          "E_MISSING_KEY",
          mapping.location().child(key.name()),
          "the key " + key.name() + " is missing",
          "Add it"
              + (fileForms().containsValue(key) ? ", or " + key.name() + "_file" : "")
              + ": "
              + key.about());
      return null;
    }
    return key.reader().absent(mapping.location().child(key.name()), problems);
  }

  private static boolean isNothing(Tree given) {
    return given instanceof Tree.Scalar scalar && scalar.value() == null;
  }

  private void warnOfUnknownKeys(Tree.Mapping mapping, Problems problems) {
    var known =
        keys.stream()
            .flatMap(k -> Stream.concat(Stream.of(k.name()), k.aliases().stream()))
            .toList();
    for (var name : mapping.entries().keySet()) {
      if (!known.contains(name) && problems.suppressed() > 0) {
        // Nobody will read it, and looking for what was meant takes time.
        problems.warning("W_UNKNOWN_KEY", mapping.keyLocation(name), "not known here", null);
      } else if (!known.contains(name)) {
        problems.warning(
            "W_UNKNOWN_KEY",
            mapping.keyLocation(name),
            "the key " + name + " is not known here and has no effect",
            Suggestion.closest(name, known)
                .map(close -> "Did you mean " + close + "?")
                .orElse("Known keys: " + String.join(", ", known) + "."));
      }
    }
  }

  private String exampleKey() {
    return keys.isEmpty() ? "key" : keys.getFirst().name();
  }

  private static String messageOf(IllegalArgumentException reason) {
    var message = reason.getMessage();
    return message == null ? reason.toString() : message;
  }

  private static Part part(RecordComponent component) {
    return component.isAnnotationPresent(SameLevel.class)
        ? new Part.Level(of(component.getType().asSubclass(Record.class)))
        : new Part.OneKey(key(component));
  }

  private static Key key(RecordComponent component) {
    var about = component.getAnnotation(About.class);
    var fallback = component.getAnnotation(Default.class);
    var range = component.getAnnotation(Range.class);
    var alias = component.getAnnotation(Alias.class);
    var notWith = component.getAnnotation(NotWith.class);
    boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    var reader = KeyType.of(component.getGenericType(), nullable);
    boolean secret = component.isAnnotationPresent(Secret.class);
    boolean onRestart = component.isAnnotationPresent(OnRestart.class);
    if (alias != null && (secret || onRestart || reader.holdsSecrets())) {
      // Whoever masks secrets or keeps old values would have to know every name.
      throw new IllegalArgumentException(component + " has one name only");
    }
    return new Key(
        snakeCase(component.getName()),
        alias == null ? List.of() : List.of(alias.value()),
        reader.describe(),
        about == null ? "" : about.value(),
        fallback == null && !nullable && !reader.mayBeAbsent(),
        fallback == null ? null : fallback.value(),
        range == null ? Double.NEGATIVE_INFINITY : range.min(),
        range == null ? Double.POSITIVE_INFINITY : range.max(),
        component.getAnnotation(Hint.class),
        component.isAnnotationPresent(NonFinite.class),
        notWith == null ? null : notWith.value(),
        secret,
        onRestart,
        reader);
  }

  static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(java.util.Locale.ROOT);
  }
}
