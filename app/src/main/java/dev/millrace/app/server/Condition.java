package dev.millrace.app.server;

import dev.millrace.core.json.Json;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.gateway.api.HealthReport;
import dev.millrace.hub.Hub;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// How a server is, for `/health`, `/ready` and `/stats`. Asked from any thread.
final class Condition {
  private final Hub hub;
  private final List<Pipeline> pipelines;
  private volatile boolean serving; // written by the thread that starts and stops the server

  Condition(Hub hub, List<Pipeline> pipelines) {
    this.hub = hub;
    this.pipelines = List.copyOf(pipelines);
  }

  /// Everything has started, or a drain begins.
  void serving(boolean now) {
    serving = now;
  }

  /// Whether this instance can serve and store.
  boolean ready() {
    return serving && report().healthy();
  }

  HealthReport report() {
    var components = new LinkedHashMap<String, HealthReport.Component>();
    components.put("hub", HealthReport.Component.of(true));
    for (var pipeline : pipelines) {
      components.put("pipeline/" + pipeline.name(), of(pipeline));
    }
    return HealthReport.of(components);
  }

  ObjectNode stats() {
    var stats = hub.stats();
    var json = Json.mapper().createObjectNode();
    json.put("sessions", stats.sessions())
        .put("topics", stats.topics())
        .put("subscriptions", stats.subscriptions())
        .put("published", stats.published())
        .put("deliveries", stats.deliveries())
        .put("left_out", stats.leftOut())
        .put("hub_memory_bytes", stats.memoryBytes());
    var all = json.putObject("pipelines");
    for (var figures : pipelines.stream().map(RunSummary::figures).toList()) {
      all.putObject(figures.snapshot().name())
          .put("state", figures.snapshot().state().name())
          .put("events_read", figures.eventsRead());
    }
    return json;
  }

  private static HealthReport.Component of(Pipeline pipeline) {
    var health = pipeline.health();
    var details = Json.mapper().createObjectNode().put("state", health.state().name());
    if (health.state() instanceof PipelineState.Error(var message, var recoverable)) {
      details.put("trouble", message);
    } else if (!health.troubles().isEmpty()) {
      var first = health.troubles().getFirst();
      details.put("trouble", first.node() + ": " + first.sentence());
    }
    return new HealthReport.Component(health.healthy(), details);
  }
}
