package dev.millrace.app;

import dev.millrace.app.cli.MillraceCommand;

/// Where the process begins.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(MillraceCommand.execute(args));
  }
}
