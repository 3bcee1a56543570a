package dev.millrace.gateway.auth;

import dev.millrace.core.metric.Metric;

/// What is counted about callers and their credentials.
public enum AuthMetric implements Metric {
  REJECTED("rejected_total", Kind.COUNTER, "Callers turned away, by reason.", "reason"),
  VERIFIED(
      "verified_tokens_total",
      Kind.COUNTER,
      "Signatures of JSON web tokens checked; a token seen lately is not checked again."),
  ENDED(
      "ended_connections_total",
      Kind.COUNTER,
      "Connections ended because their credentials no longer let them in, by reason.",
      "reason");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  AuthMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_auth_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
