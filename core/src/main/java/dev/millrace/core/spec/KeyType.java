package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the values of one key are read, described and drawn into a schema.
public sealed interface KeyType {

  /// The value of `tree`, or null after adding a problem.
  @Nullable Object read(Tree tree, Spec.Key key, Problems problems);

  /// The words documentation uses: `text`, `integer`, `list of text`.
  String describe();

  /// The value when the key is left out and has no default.
  default @Nullable Object absent(Location location, Problems problems) {
    return null;
  }

  /// Whether a secret stands somewhere in such a value, so that no message may quote one that was
  /// written in its place.
  default boolean holdsSecrets() {
    return switch (this) {
      case Nested nested -> Spec.of(nested.type()).holdsSecrets();
      case Many many -> many.item().holdsSecrets();
      case Named named -> named.value().holdsSecrets();
      default -> false;
    };
  }

  default boolean mayBeAbsent() {
    return false;
  }

  static KeyType of(Type type, boolean nullable) {
    return switch (type) {
      case Class<?> c when c == String.class -> new Text();
      case Class<?> c when c == int.class || c == Integer.class -> new Whole(true);
      case Class<?> c when c == long.class || c == Long.class -> new Whole(false);
      case Class<?> c when c == double.class || c == Double.class -> new Real();
      case Class<?> c when c == boolean.class || c == Boolean.class -> new Flag();
      case Class<?> c when c == Duration.class -> new Span();
      case Class<?> c when c == ByteSize.class -> new Size();
      case Class<?> c when c == Tree.class -> new Raw();
      case Class<?> c when c.isEnum() -> new Choice(c);
      case Class<?> c when c.isRecord() -> new Nested(c.asSubclass(Record.class), nullable);
      case ParameterizedType p when p.getRawType() == List.class ->
          new Many(of(p.getActualTypeArguments()[0], false), nullable);
      case ParameterizedType p
          when p.getRawType() == Map.class && p.getActualTypeArguments()[0] == String.class ->
          new Named(of(p.getActualTypeArguments()[1], false), nullable);
      default -> throw new IllegalArgumentException("a spec cannot hold a " + type);
    };
  }

  private static @Nullable Object wrong(Tree tree, Spec.Key key, String wanted, Problems problems) {
    var got = isSecret(tree, key) ? "something else" : tree.describe();
    problems.error(
        "E_BAD_CONFIG",
        tree.location(),
        key.name() + " wants " + wanted + ", not " + got,
        key.fallback() == null || key.fallback().isEmpty()
            ? null
            : "Remove the key to get " + key.fallback() + ".");
    return null;
  }

  private static boolean isSecret(Tree tree, Spec.Key key) {
    return key.secret()
        || key.reader().holdsSecrets()
        || Secrets.soundsSecret(key.name())
        || (tree instanceof Tree.Scalar scalar && scalar.origin() == Tree.Scalar.Origin.SECRET);
  }

  private static boolean inRange(Tree tree, Spec.Key key, double value, Problems problems) {
    if (!(value < key.min() || value > key.max())) {
      return true;
    }
    problems.error(
        "E_BAD_CONFIG",
        tree.location(),
        key.name()
            + (isSecret(tree, key) ? " is out of range" : " is " + Bounds.number(value))
            + "; it must be "
            + Bounds.describe(key.min(), key.max()),
        key.fallback() == null ? null : "Remove the key to get " + key.fallback() + ".");
    return false;
  }

  record Text() implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      return tree instanceof Tree.Scalar(var at, var value, var origin)
              && value instanceof String text
          ? text
          : wrong(tree, key, "text", problems);
    }

    @Override
    public String describe() {
      return "text";
    }
  }

  record Whole(boolean narrow) implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      var value = tree instanceof Tree.Scalar scalar ? whole(scalar) : null;
      if (value == null) {
        return wrong(tree, key, "an integer", problems);
      }
      if (value.bitLength() >= (narrow ? Integer.SIZE : Long.SIZE)) {
        return wrong(tree, key, narrow ? "a 32-bit integer" : "a 64-bit integer", problems);
      }
      if (!inRange(tree, key, value.doubleValue(), problems)) {
        return null;
      }
      return narrow ? (Object) value.intValue() : (Object) value.longValue();
    }

    private static @Nullable BigInteger whole(Tree.Scalar scalar) {
      return switch (scalar.value()) {
        case Long number -> BigInteger.valueOf(number);
        case BigInteger number -> number;
        case Double number when number == Math.rint(number) && Math.abs(number) < 1e18 ->
            BigInteger.valueOf(number.longValue());
        case String text when scalar.loose() && text.matches("[+-]?\\d{1,40}") ->
            new BigInteger(text);
        case null, default -> null;
      };
    }

    @Override
    public String describe() {
      return "integer";
    }
  }

  record Real() implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      var value = tree instanceof Tree.Scalar scalar ? real(scalar, key.nonFinite()) : null;
      if (value == null || (!Double.isFinite(value) && !key.nonFinite())) {
        return wrong(tree, key, key.nonFinite() ? "a number" : "a finite number", problems);
      }
      return inRange(tree, key, value, problems) ? value : null;
    }

    private static @Nullable Double real(Tree.Scalar scalar, boolean nonFinite) {
      return switch (scalar.value()) {
        case Number number -> number.doubleValue();
        case String text when nonFinite && text.matches("NaN|-?Infinity") -> Double.valueOf(text);
        case String text when scalar.loose() -> {
          try {
            yield Double.valueOf(text);
          } catch (NumberFormatException notANumber) {
            yield null;
          }
        }
        case null, default -> null;
      };
    }

    @Override
    public String describe() {
      return "number";
    }
  }

  record Flag() implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      if (tree instanceof Tree.Scalar scalar) {
        switch (scalar.value()) {
          case Boolean flag -> {
            return flag;
          }
          case String text when scalar.loose() && text.equalsIgnoreCase("true") -> {
            return true;
          }
          case String text when scalar.loose() && text.equalsIgnoreCase("false") -> {
            return false;
          }
          case null, default -> {}
        }
      }
      return wrong(tree, key, "true or false", problems);
    }

    @Override
    public String describe() {
      return "boolean";
    }
  }

  record Span() implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      var duration =
          tree instanceof Tree.Scalar(var at, var value, var origin) && value != null
              ? Durations.parse(value.toString())
              : java.util.Optional.<Duration>empty();
      if (duration.isEmpty()) {
        return wrong(tree, key, "a duration such as 250ms, 5s, 2m or 36h", problems);
      }
      return inRange(tree, key, duration.get().toMillis() / 1e3, problems) ? duration.get() : null;
    }

    @Override
    public String describe() {
      return "duration";
    }
  }

  record Size() implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      var size =
          tree instanceof Tree.Scalar(var at, var value, var origin) && value != null
              ? ByteSize.parse(value.toString())
              : java.util.Optional.<ByteSize>empty();
      if (size.isEmpty()) {
        return wrong(tree, key, "a size such as 4096, 64KB or 1MiB", problems);
      }
      return inRange(tree, key, (double) size.get().bytes(), problems) ? size.get() : null;
    }

    @Override
    public String describe() {
      return "size";
    }
  }

  record Choice(Class<?> type) implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      var text =
          tree instanceof Tree.Scalar(var at, var value, var origin)
                  && value instanceof String given
              ? given
              : null;
      for (var constant : type.getEnumConstants()) {
        if (text != null && name(constant).equalsIgnoreCase(text)) {
          return constant;
        }
      }
      boolean secret = isSecret(tree, key);
      problems.error(
          "E_BAD_CONFIG",
          tree.location(),
          key.name()
              + " wants one of "
              + String.join(", ", names())
              + ", not "
              + (secret ? "something else" : tree.describe()),
          text == null || secret
              ? null
              : Suggestion.closest(text, names()).map(n -> "Did you mean " + n + "?").orElse(null));
      return null;
    }

    List<String> names() {
      return Arrays.stream(type.getEnumConstants()).map(Choice::name).toList();
    }

    private static String name(Object constant) {
      return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String describe() {
      return String.join(" | ", names());
    }
  }

  record Nested(Class<? extends Record> type, boolean nullable) implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      return Spec.of(type).read(key.secret() ? Secrets.veiled(tree) : tree, problems).orElse(null);
    }

    @Override
    public @Nullable Object absent(Location location, Problems problems) {
      return nullable
          ? null
          : Spec.of(type).read(Tree.Mapping.empty(location), problems).orElse(null);
    }

    @Override
    public boolean mayBeAbsent() {
      return true; // its own required keys complain for themselves
    }

    @Override
    public String describe() {
      return "mapping";
    }
  }

  record Many(KeyType item, boolean nullable) implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      if (tree instanceof Tree.Scalar scalar
          && scalar.loose()
          && scalar.value() instanceof String text) {
        // A list from outside the document: MILLRACE__AUTH__ANONYMOUS=mirror,feed
        var items = new ArrayList<Object>();
        for (var part : text.split(",", -1)) {
          if (!part.isBlank()) {
            addIfRead(
                items,
                item.read(
                    new Tree.Scalar(scalar.location(), part.strip(), scalar.origin()),
                    key,
                    problems));
          }
        }
        return List.copyOf(items);
      }
      if (!(tree instanceof Tree.Sequence sequence)) {
        return wrong(tree, key, "a list", problems);
      }
      var items = new ArrayList<Object>();
      sequence.items().forEach(one -> addIfRead(items, item.read(one, key, problems)));
      return List.copyOf(items);
    }

    private static void addIfRead(List<Object> items, @Nullable Object value) {
      if (value != null) {
        items.add(value);
      }
    }

    @Override
    public @Nullable Object absent(Location location, Problems problems) {
      return nullable ? null : List.of();
    }

    @Override
    public boolean mayBeAbsent() {
      return true;
    }

    @Override
    public String describe() {
      return "list of " + item.describe();
    }
  }

  record Named(KeyType value, boolean nullable) implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      if (!(tree instanceof Tree.Mapping mapping)) {
        return wrong(tree, key, "a mapping", problems);
      }
      var values = new LinkedHashMap<String, Object>();
      mapping
          .entries()
          .forEach(
              (name, one) -> {
                var read = value.read(one, key, problems);
                if (read != null) {
                  values.put(name, read);
                }
              });
      return java.util.Collections.unmodifiableMap(values);
    }

    @Override
    public @Nullable Object absent(Location location, Problems problems) {
      return nullable ? null : Map.of();
    }

    @Override
    public boolean mayBeAbsent() {
      return true;
    }

    @Override
    public String describe() {
      return "mapping of " + value.describe();
    }
  }

  /// A part of the document that somebody else reads.
  record Raw() implements KeyType {
    @Override
    public @Nullable Object read(Tree tree, Spec.Key key, Problems problems) {
      return tree;
    }

    @Override
    public String describe() {
      return "document";
    }
  }
}
