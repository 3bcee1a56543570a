package dev.millrace.core.spec;

import dev.millrace.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// JSON Schema (draft 2020-12) out of specs, for editors.
final class Schemas {
  private Schemas() {}

  static ObjectNode of(Spec<?> spec) {
    var schema = Json.mapper().createObjectNode().put("type", "object");
    var properties = schema.putObject("properties");
    var required = Json.mapper().createArrayNode();
    var files = spec.fileForms();
    for (var key : spec.keys()) {
      var property = of(key.reader());
      if (!key.about().isEmpty()) {
        property.put("description", key.about());
      }
      if (key.fallback() != null) {
        property.set("default", fallback(key));
      }
      bounds(key, property);
      hint(key, property);
      if (key.secret()) {
        property.put("writeOnly", true);
      }
      properties.set(key.name(), property);
      names(key, schema, property);
      if (key.required() && !files.containsValue(key) && key.aliases().isEmpty()) {
        required.add(key.name());
      }
    }
    files.forEach((name, key) -> fileForm(schema, name, key));
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema.put("additionalProperties", false);
  }

  /// A secret, or the file that holds it, and not both.
  private static void fileForm(ObjectNode schema, String name, Spec.Key key) {
    schema
        .withObject("properties")
        .putObject(name)
        .put("type", "string")
        .put("description", "The path of a file that holds " + key.name() + ".");
    var rule = schema.withArray("allOf").addObject();
    if (key.required()) {
      var either = rule.putArray("oneOf");
      either.addObject().putArray("required").add(key.name());
      either.addObject().putArray("required").add(name);
    } else {
      rule.putObject("not").putArray("required").add(key.name()).add(name);
    }
  }

  /// Further names of a key and the key that stands in its place: one of them at a time.
  private static void names(Spec.Key key, ObjectNode schema, ObjectNode property) {
    for (var alias : key.aliases()) {
      schema
          .withObject("properties")
          .set(alias, property.deepCopy().put("description", "The same as " + key.name() + "."));
    }
    var names = new ArrayList<String>(List.of(key.name()));
    names.addAll(key.aliases());
    if (key.required() && names.size() > 1) {
      var oneOf = schema.withArray("allOf").addObject().putArray("oneOf");
      names.forEach(name -> oneOf.addObject().putArray("required").add(name));
    } else {
      if (key.notWith() != null) {
        names.add(key.notWith());
      }
      for (int i = 1; i < names.size(); i++) {
        for (int j = 0; j < i; j++) {
          var not = schema.withArray("allOf").addObject().putObject("not");
          not.putArray("required").add(names.get(j)).add(names.get(i));
        }
      }
    }
  }

  private static ObjectNode of(KeyType type) {
    var schema = Json.mapper().createObjectNode();
    return switch (type) {
      case KeyType.Text text -> schema.put("type", "string");
      case KeyType.Whole whole -> schema.put("type", "integer");
      case KeyType.Real real -> schema.put("type", "number");
      case KeyType.Flag flag -> schema.put("type", "boolean");
      case KeyType.Span span -> {
        schema.put("type", "string").put("pattern", "^(\\d+\\s*(us|ms|s|m|h|d)|0)$");
        yield schema;
      }
      case KeyType.Size size -> {
        schema.putArray("type").add("integer").add("string");
        yield schema.put("pattern", "^\\d+\\s*([KMG]i?)?B?$");
      }
      case KeyType.Choice choice -> {
        var values = schema.putArray("enum");
        choice.names().forEach(values::add);
        yield schema;
      }
      case KeyType.Nested nested -> of(Spec.of(nested.type()));
      case KeyType.Many many -> {
        schema.put("type", "array").set("items", of(many.item()));
        yield schema;
      }
      case KeyType.Named named -> {
        schema.put("type", "object").set("additionalProperties", of(named.value()));
        yield schema;
      }
      case KeyType.Raw raw -> schema;
    };
  }

  private static void bounds(Spec.Key key, ObjectNode property) {
    if (key.reader() instanceof KeyType.Whole || key.reader() instanceof KeyType.Real) {
      if (Double.isFinite(key.min())) {
        property.put("minimum", key.min());
      }
      if (Double.isFinite(key.max())) {
        property.put("maximum", key.max());
      }
    }
  }

  /// Numbers that make sense are shown and not demanded.
  private static void hint(Spec.Key key, ObjectNode property) {
    var hint = key.hint();
    if (hint != null) {
      var shown = property.putObject("x-usual");
      if (Double.isFinite(hint.min())) {
        shown.put("minimum", hint.min());
      }
      if (Double.isFinite(hint.max())) {
        shown.put("maximum", hint.max());
      }
    }
  }

  private static tools.jackson.databind.JsonNode fallback(Spec.Key key) {
    var text = key.fallback() == null ? "" : key.fallback();
    boolean literal =
        key.reader() instanceof KeyType.Whole
            || key.reader() instanceof KeyType.Real
            || key.reader() instanceof KeyType.Flag;
    return literal
        ? Json.tree(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        : Json.mapper().getNodeFactory().stringNode(text);
  }
}
