package dev.millrace.core.signal;

import dev.millrace.core.metric.Metric;

/// What the bus counts. Subscribers are constants of the program, so their number is bounded.
public enum SignalMetric implements Metric {
  PUBLISHED("published_total", Kind.COUNTER, "Signals announced."),
  DROPPED(
      "dropped_total",
      Kind.COUNTER,
      "Signals that a subscriber missed because its queue was full.",
      "subscriber");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  SignalMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_signals_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
