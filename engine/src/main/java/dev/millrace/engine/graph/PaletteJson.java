package dev.millrace.engine.graph;

import dev.millrace.core.json.Json;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.spec.Spec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The node types as editors list them: `[{id, type, name, category, inputs [{id, name,
/// data_type}], outputs, parameters [{name, type, description, required, default, values?, min?,
/// max?}]}]`. `id` is the type in lower case, by which a graph may name it too; defaults have the
/// parameter's type; min and max are what makes sense, or else what is allowed.
public final class PaletteJson {
  private PaletteJson() {}

  public static ArrayNode of(NodeCatalogue catalogue) {
    var types = Json.mapper().createArrayNode();
    catalogue.types().forEach(type -> types.add(of(type)));
    return types;
  }

  private static ObjectNode of(NodeType<?> type) {
    var json = Json.mapper().createObjectNode();
    json.put("id", type.name().toLowerCase(Locale.ROOT));
    json.put("type", type.name());
    json.put("name", type.palette().title());
    json.put("category", type.palette().category().label());
    json.put("description", type.summary());
    port(json.putArray("inputs"), "in", "Input", type.palette().in());
    port(json.putArray("outputs"), "out", "Output", type.palette().out());
    var schema = type.spec().schema();
    var parameters = json.putArray("parameters");
    for (var key : type.spec().keys()) {
      parameters.add(parameter(key, schema.withObject("properties").withObject(key.name())));
    }
    return json;
  }

  private static void port(ArrayNode ports, String id, String name, @Nullable DataType type) {
    if (type != null) {
      ports.addObject().put("id", id).put("name", name).put("data_type", type.label());
    }
  }

  private static ObjectNode parameter(Spec.Key key, ObjectNode property) {
    var json = Json.mapper().createObjectNode().put("name", key.name());
    json.put("type", property.has("enum") ? "enum" : key.type());
    json.put("description", key.about());
    json.put("required", key.required());
    if (property.has("default")) {
      json.set("default", property.get("default"));
    }
    if (property.has("enum")) {
      json.set("values", property.get("enum"));
    }
    var hint = key.hint();
    bound(json, "min", hint == null ? key.min() : hint.min(), key.min());
    bound(json, "max", hint == null ? key.max() : hint.max(), key.max());
    return json;
  }

  private static void bound(ObjectNode json, String name, double usual, double allowed) {
    double shown = Double.isFinite(usual) ? usual : allowed;
    if (!Double.isFinite(shown)) {
      return;
    }
    if (shown == Math.rint(shown) && Math.abs(shown) < 1e15) {
      json.put(name, (long) shown);
    } else {
      json.put(name, shown);
    }
  }
}
