package dev.millrace.app.server;

import dev.millrace.control.audit.AuditTrail;
import dev.millrace.control.pipeline.PipelineStatus;
import dev.millrace.control.telemetry.TelemetryTick;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.api.HealthReport;
import dev.millrace.gateway.wse.SystemStatus;
import java.util.HashMap;
import java.util.LinkedHashMap;
import tools.jackson.databind.node.ObjectNode;

/// How a server is, for `/health`, `/ready` and `/stats`. Asked from any thread.
final class Condition {
  private final Operations.Around around;
  private final AuditTrail audit;
  private volatile boolean serving; // written by the thread that starts and stops the server

  Condition(Operations.Around around, AuditTrail audit) {
    this.around = around;
    this.audit = audit;
  }

  /// Everything has started, or a drain begins.
  void serving(boolean now) {
    serving = now;
  }

  /// Whether this instance can serve and store.
  boolean ready() {
    return serving && around.pipelines().statuses().stream().allMatch(PipelineStatus::healthy);
  }

  /// A configuration that was refused is said and makes nothing unhealthy: the old one is in force.
  HealthReport report() {
    var components = new LinkedHashMap<String, HealthReport.Component>();
    components.put("hub", HealthReport.Component.of(true));
    components.put("config", new HealthReport.Component(true, config()));
    components.put("audit", audit.health());
    components.putAll(around.cluster().health());
    for (var pipeline : around.pipelines().statuses()) {
      components.put("pipeline/" + pipeline.name(), of(pipeline));
    }
    return HealthReport.of(components);
  }

  ObjectNode stats() {
    var stats = around.hub().stats();
    var json = Json.mapper().createObjectNode();
    json.put("sessions", stats.sessions())
        .put("topics", stats.topics())
        .put("subscriptions", stats.subscriptions())
        .put("published", stats.published())
        .put("deliveries", stats.deliveries())
        .put("left_out", stats.leftOut())
        .put("hub_memory_bytes", stats.memoryBytes());
    var all = json.putObject("pipelines");
    for (var figures : around.pipelines().running().stream().map(RunSummary::figures).toList()) {
      all.putObject(figures.snapshot().name())
          .put("state", figures.snapshot().state().name())
          .put("events_read", figures.eventsRead());
    }
    return json;
  }

  /// What clients of the hub may know of the machine and of the pipelines. Waits for nothing.
  static SystemStatus of(TelemetryTick tick) {
    var system = tick.system();
    var cpu = system.cpuProcessPct();
    var most = system.heapMaxBytes();
    var parts = new HashMap<String, Boolean>();
    parts.put("hub", true);
    for (var pipeline : tick.pipelines()) {
      parts.put("pipeline/" + pipeline.name(), pipeline.error() == null);
    }
    return new SystemStatus(
        cpu == null ? 0 : cpu,
        most == null ? 0 : 100.0 * system.heapUsedBytes() / most,
        tick.uptimeSeconds(),
        parts);
  }

  private ObjectNode config() {
    var state = around.live().state();
    var details = Json.mapper().createObjectNode().put("generation", state.generation());
    if (!state.lastError().isEmpty()) {
      details.put("last_error", state.lastError().getFirst().what());
    }
    return details;
  }

  private static HealthReport.Component of(PipelineStatus status) {
    var details = Json.mapper().createObjectNode().put("state", status.state().name());
    if (status.paused()) {
      details.put("admin_paused", true);
    }
    if (status.trouble() != null) {
      details.put("trouble", status.trouble());
    }
    return new HealthReport.Component(status.healthy(), details);
  }
}
