package dev.millrace.gateway.api;

import dev.millrace.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// How the process is: every component that the configuration asks for, by name, and whatever
/// fields a recipe adds beside them.
public record HealthReport(Map<String, Component> components, ObjectNode fields) {

  /// One part; `details` stand beside `healthy` in the body.
  public record Component(boolean healthy, ObjectNode details) {
    public static Component of(boolean healthy) {
      return new Component(healthy, Json.mapper().createObjectNode());
    }
  }

  public HealthReport {
    components = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(components));
  }

  public static HealthReport of(Map<String, Component> components) {
    return new HealthReport(components, Json.mapper().createObjectNode());
  }

  /// Whether all components are.
  public boolean healthy() {
    return components.values().stream().allMatch(Component::healthy);
  }

  /// `{"status":"healthy|unhealthy","data":{"healthy":…,"components":{name:{"healthy":…}},…}}`
  ObjectNode body() {
    var body = Json.mapper().createObjectNode().put("status", healthy() ? "healthy" : "unhealthy");
    var data = body.putObject("data").put("healthy", healthy());
    var parts = data.putObject("components");
    components.forEach(
        (name, part) ->
            parts.putObject(name).put("healthy", part.healthy()).setAll(part.details()));
    data.setAll(fields);
    return body;
  }
}
