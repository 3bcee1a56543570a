package dev.millrace.app.cli;

import dev.millrace.core.problem.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/// What is said about a command line that makes no sense: what is wrong with it and how to fix it,
/// in two lines and not with a page of usage.
final class Misuse {
  /// What only the launcher does, known here so that a slip of the finger finds it.
  private static final List<String> LAUNCHER_COMMANDS =
      List.of("build", "test", "bench", "package");

  private Misuse() {}

  static int explain(CommandLine.ParameterException misuse, String[] args) {
    var commandLine = misuse.getCommandLine();
    switch (misuse) {
      case CommandLine.UnmatchedArgumentException unmatched when namesNoCommand(unmatched) -> {
        var name = unmatched.getUnmatched().getFirst();
        var known = new ArrayList<>(commandLine.getSubcommands().keySet());
        known.addAll(LAUNCHER_COMMANDS);
        print(commandLine, "there is no command " + name + ".", Suggestion.closest(name, known));
      }
      case CommandLine.UnmatchedArgumentException unmatched ->
          print(
              commandLine,
              String.valueOf(misuse.getMessage()),
              unmatched.getSuggestions().stream().findFirst());
      default -> print(commandLine, String.valueOf(misuse.getMessage()), Optional.empty());
    }
    return ExitCode.USAGE.code();
  }

  private static boolean namesNoCommand(CommandLine.UnmatchedArgumentException unmatched) {
    return unmatched.getCommandLine().getParent() == null && !unmatched.isUnknownOption();
  }

  private static void print(CommandLine commandLine, String what, Optional<String> meant) {
    var help =
        commandLine.getParent() == null
            ? "millrace help"
            : commandLine.getParent().getParent() == null
                ? "millrace help " + commandLine.getCommandName()
                : commandLine.getCommandSpec().qualifiedName() + " --help";
    commandLine.getErr().println("error: " + what);
    commandLine
        .getErr()
        .println(
            "    fix "
                + meant.map(name -> "Did you mean " + name + "? ").orElse("")
                + "See "
                + help
                + ".");
  }
}
