package dev.millrace.gateway.http;

import dev.millrace.core.metric.Metric;

/// What the route table counts.
public enum HttpMetric implements Metric {
  IN_FLIGHT("requests_in_flight", Kind.GAUGE, "REST requests being worked on."),
  SECONDS("request_seconds", Kind.SECONDS, "From the whole request to its answer."),
  REFUSED_BUSY(
      "refused_busy_total", Kind.COUNTER, "REST requests refused because too many were running."),
  REFUSED_ORIGIN(
      "refused_origin_total", Kind.COUNTER, "Requests refused for their Host or Origin header."),
  REFUSED_RATE(
      "refused_rate_total", Kind.COUNTER, "Requests refused because their address made too many."),
  TIMEOUTS("timeouts_total", Kind.COUNTER, "REST requests that took longer than allowed."),
  HANDLER_FAILURES(
      "handler_failures_total", Kind.COUNTER, "Exceptions out of a handler; each is in the log.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  HttpMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_http_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
