package dev.millrace.app.cli;

/// Ends a command with a code and the text its user reads.
public final class ExitException extends Exception {
  private final ExitCode exitCode;

  public ExitException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public ExitException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
