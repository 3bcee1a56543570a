package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Documents as JSON that anybody may see: what [Secrets] calls a secret is [Secrets#MASK].
public final class Masked {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Masked() {}

  /// What a sound document means: every key of `spec`, in its order, with its default where the
  /// document says nothing and null where there is none. Values have one form each, whatever they
  /// were written as. Keys that the spec does not know have no effect and are left out.
  public static ObjectNode effective(Tree.Mapping document, Spec<?> spec) {
    var result = Json.mapper().createObjectNode();
    spec.keys().forEach(key -> result.set(key.name(), value(key, document)));
    return result;
  }

  /// A part that no spec describes, as it is written.
  public static JsonNode written(Tree tree) {
    return switch (tree) {
      case Tree.Mapping mapping -> {
        var result = Json.mapper().createObjectNode();
        mapping
            .entries()
            .forEach(
                (key, value) ->
                    result.set(key, Secrets.soundsSecret(key) ? mask() : written(value)));
        yield result;
      }
      case Tree.Sequence sequence -> {
        var result = Json.mapper().createArrayNode();
        sequence.items().forEach(item -> result.add(written(item)));
        yield result;
      }
      case Tree.Scalar(var location, var value, var origin) ->
          origin == Tree.Scalar.Origin.SECRET ? mask() : json(value);
    };
  }

  /// A part that `spec` describes, as it is written, with every key under its own name and in its
  /// place. Keys that the spec does not know stay.
  public static JsonNode written(Tree tree, Spec<?> spec) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      return written(tree);
    }
    var result = Json.mapper().createObjectNode();
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              var key = spec.keys().stream().filter(k -> k.isCalled(name)).findFirst();
              if (key.isEmpty()) {
                result.set(name, Secrets.soundsSecret(name) ? mask() : written(value));
              } else if (key.get().secret()) {
                result.set(name, mask());
              } else {
                result.set(key.get().name(), written(value, key.get().reader()));
              }
            });
    return result;
  }

  private static JsonNode written(Tree tree, KeyType type) {
    return switch (type) {
      case KeyType.Nested nested -> written(tree, Spec.of(nested.type()));
      case KeyType.Many many when tree instanceof Tree.Sequence sequence -> {
        var items = NODES.arrayNode();
        sequence.items().forEach(item -> items.add(written(item, many.item())));
        yield items;
      }
      default -> written(tree);
    };
  }

  private static JsonNode value(Spec.Key key, Tree.Mapping document) {
    var given = key.in(document);
    if (given != null) {
      return key.secret() ? mask() : value(given, key.reader(), key);
    }
    if (key.fallback() != null) {
      var location = Location.of("default of " + key.name());
      return key.secret()
          ? mask()
          : value(Tree.Scalar.loose(location, key.fallback()), key.reader(), key);
    }
    return switch (key.reader()) {
      case KeyType.Nested(var type, var nullable) when !nullable ->
          effective(Tree.Mapping.empty(document.location()), Spec.of(type));
      case KeyType.Many(var item, var nullable) when !nullable -> NODES.arrayNode();
      case KeyType.Named(var item, var nullable) when !nullable -> NODES.objectNode();
      default -> NODES.nullNode();
    };
  }

  private static JsonNode value(Tree tree, KeyType type, Spec.Key key) {
    if (tree instanceof Tree.Scalar scalar && scalar.origin() == Tree.Scalar.Origin.SECRET) {
      return mask();
    }
    return switch (type) {
      case KeyType.Nested nested when tree instanceof Tree.Mapping mapping ->
          effective(mapping, Spec.of(nested.type()));
      case KeyType.Many many when tree instanceof Tree.Sequence sequence -> {
        var items = NODES.arrayNode();
        sequence.items().forEach(item -> items.add(value(item, many.item(), key)));
        yield items;
      }
      case KeyType.Many many
          when many.read(tree, key, new Problems()) instanceof java.util.List<?> read -> {
        var items = NODES.arrayNode();
        read.forEach(item -> items.add(json(item)));
        yield items;
      }
      case KeyType.Named named when tree instanceof Tree.Mapping mapping -> {
        var values = NODES.objectNode();
        mapping
            .entries()
            .forEach(
                (name, one) ->
                    values.set(
                        name,
                        Secrets.soundsSecret(name) ? mask() : value(one, named.value(), key)));
        yield values;
      }
      case KeyType.Nested nested -> written(tree);
      case KeyType.Many many -> written(tree);
      case KeyType.Named named -> written(tree);
      case KeyType.Raw raw -> written(tree);
      default -> {
        var read = type.read(tree, key, new Problems());
        yield read == null ? written(tree) : json(read);
      }
    };
  }

  private static JsonNode json(@Nullable Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case BigInteger number -> NODES.numberNode(number);
      case Double number when Double.isFinite(number) -> NODES.numberNode(number);
      case Boolean flag -> NODES.booleanNode(flag);
      case Duration duration -> NODES.stringNode(Durations.format(duration));
      case Enum<?> choice -> NODES.stringNode(choice.name().toLowerCase(Locale.ROOT));
      default -> NODES.stringNode(Secrets.masked(value.toString()));
    };
  }

  private static JsonNode mask() {
    return NODES.stringNode(Secrets.MASK);
  }
}
