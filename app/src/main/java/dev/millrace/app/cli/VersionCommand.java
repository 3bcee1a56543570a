package dev.millrace.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `millrace version`.
@Command(name = "version", description = "Prints the version of Millrace and of its Java.")
final class VersionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(text());
    return ExitCode.OK.code();
  }

  static String text() {
    return "Millrace " + Version.current() + " on Java " + Runtime.version();
  }
}
