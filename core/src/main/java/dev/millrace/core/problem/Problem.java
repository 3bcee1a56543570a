package dev.millrace.core.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing that is wrong: what, where, and how to fix it. `code` is stable and machine-readable
/// (`E_UNKNOWN_TYPE`, `W_UNKNOWN_KEY`); `what` is a sentence without a full stop at its end being
/// required; `fix` says what to do, or is null where `what` already does; `nodes` are the ids of
/// the nodes it is about, if any.
public record Problem(
    Severity severity,
    String code,
    Location location,
    String what,
    @Nullable String fix,
    List<String> nodes) {

  public Problem {
    nodes = List.copyOf(nodes);
  }

  public Problem(
      Severity severity, String code, Location location, String what, @Nullable String fix) {
    this(severity, code, location, what, fix, List.of());
  }

  public enum Severity {
    ERROR,
    WARNING
  }

  public static Problem error(String code, Location location, String what, @Nullable String fix) {
    return new Problem(Severity.ERROR, code, location, what, fix);
  }

  public static Problem warning(String code, Location location, String what, @Nullable String fix) {
    return new Problem(Severity.WARNING, code, location, what, fix);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /// The same problem, but an error.
  public Problem strict() {
    return new Problem(Severity.ERROR, code, location, what, fix, nodes);
  }

  /// The same problem, about these nodes.
  public Problem about(List<String> ids) {
    return new Problem(severity, code, location, what, fix, ids);
  }

  /// For people: `file:line:column: error: what [code]`, then where in the document and the fix,
  /// indented.
  @Override
  public String toString() {
    var text = new StringBuilder();
    text.append(location).append(": ").append(isError() ? "error: " : "warning: ").append(what);
    text.append(" [").append(code).append(']');
    if (!location.pointer().isEmpty()) {
      text.append("\n    at  ").append(location.pointer());
    }
    if (fix != null) {
      text.append("\n    fix ").append(fix);
    }
    return text.toString();
  }
}
