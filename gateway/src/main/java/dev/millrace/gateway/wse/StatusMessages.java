package dev.millrace.gateway.wse;

/// `system_status_request`: how the server as a whole does, for dashboards.
final class StatusMessages {
  private static final double NANOS = 1e9;

  private StatusMessages() {}

  static void status(WseSession session, Inbound.Request request) {
    var context = session.context();
    context.counters.requests.inc();
    var status = context.extensions.status().now();
    var stats = context.stats();
    boolean well = status.parts().values().stream().allMatch(Boolean::booleanValue);
    double uptime = (context.clock.nanoTime() - context.startedNanos) / NANOS;
    var payload =
        SystemFrames.object()
            .put("cpu_usage", status.cpuPercent())
            .put("memory_usage", status.memoryPercent())
            .put("api_status", "operational")
            .put("datafeed_status", well ? "operational" : "degraded")
            .put("active_connections", context.connections.get())
            .put("event_queue_size", stats.waitingMessages());
    payload.putObject("adapter_statuses");
    var modules = payload.putObject("module_statuses");
    status.parts().forEach((name, fine) -> modules.put(name, fine ? "healthy" : "unhealthy"));
    payload.set("event_bus_health", SessionReport.busStats(context));
    payload.putObject("circuit_breakers").set("connection", SessionReport.breakerHealth(session));
    payload.put("timestamp", context.frames.nowText());
    payload.put("uptime", status.uptimeSeconds() > 0 ? status.uptimeSeconds() : uptime);
    session.answer(request, "system_status_response", payload);
  }
}
