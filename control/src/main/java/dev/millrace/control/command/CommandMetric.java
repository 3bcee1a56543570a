package dev.millrace.control.command;

import dev.millrace.core.metric.Metric;

/// What is counted about commands. A command that does not exist counts as `unknown`.
public enum CommandMetric implements Metric {
  COMMANDS(
      "commands_total",
      Kind.COUNTER,
      "Commands by what became of them: done, refused, failed, late.",
      "command",
      "outcome"),
  SECONDS("command_seconds", Kind.SECONDS, "Time from a command to what became of it.", "command"),
  IN_FLIGHT("commands_in_flight", Kind.GAUGE, "Commands being carried out or waiting their turn.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  CommandMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_control_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
