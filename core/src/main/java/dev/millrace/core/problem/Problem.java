package dev.millrace.core.problem;

import org.jspecify.annotations.Nullable;

/// One thing that is wrong: what, where, and how to fix it. `code` is stable and machine-readable
/// (`E_UNKNOWN_TYPE`, `W_UNKNOWN_KEY`); `what` is a sentence without a full stop at its end being
/// required; `fix` says what to do, or is null where `what` already does.
public record Problem(
    Severity severity, String code, Location location, String what, @Nullable String fix) {

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
    return new Problem(Severity.ERROR, code, location, what, fix);
  }

  /// For people: `file:line:column: error: what`, then where in the document and the fix, indented.
  @Override
  public String toString() {
    var text = new StringBuilder();
    text.append(location).append(": ").append(isError() ? "error: " : "warning: ").append(what);
    if (!location.pointer().isEmpty()) {
      text.append("\n    at  ").append(location.pointer());
    }
    if (fix != null) {
      text.append("\n    fix ").append(fix);
    }
    return text.toString();
  }
}
