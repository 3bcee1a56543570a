package dev.millrace.gateway.webhook;

import dev.millrace.core.metric.Metric;

/// What webhooks count.
public enum WebhookMetric implements Metric {
  CALLS(
      "calls_total",
      Kind.COUNTER,
      "Questions by hook and outcome: answered, failed (no answer in time, or none that can be"
          + " read), busy (too many at one time), paused (after too many failures).",
      "hook",
      "outcome"),
  SECONDS("seconds", Kind.SECONDS, "From question to answer or failure.", "hook");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  WebhookMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_webhook_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
