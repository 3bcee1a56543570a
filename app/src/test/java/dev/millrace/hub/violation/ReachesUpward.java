package dev.millrace.hub.violation;

import dev.millrace.app.cli.ExitCode;

/// Breaks the rule on purpose, so that the architecture test can prove that it would notice.
public final class ReachesUpward {
  private ReachesUpward() {}

  public static int code() {
    return ExitCode.OK.code();
  }
}
