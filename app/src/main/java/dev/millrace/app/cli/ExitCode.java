package dev.millrace.app.cli;

/// What the process says to its caller when it ends.
public enum ExitCode {
  OK(0),
  /// The work itself failed.
  FAILED(1),
  USAGE(2),
  UNREACHABLE(69),
  /// The drain ran out of time; frames were left.
  DRAIN_TIMED_OUT(70),
  /// The data directory or the port belongs to somebody else.
  IN_USE(75),
  BAD_CONFIGURATION(78),
  /// A second interrupt.
  INTERRUPTED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
