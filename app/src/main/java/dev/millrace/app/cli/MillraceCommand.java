package dev.millrace.app.cli;

import dev.millrace.app.cli.graph.GraphCommand;
import dev.millrace.control.log.LogService;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/// `millrace`: the table of commands, and how their failures become exit codes.
@Command(
    name = "millrace",
    description = "Real-time event engine: streams in, graphs in a file, results to WebSockets.",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      CheckCommand.class,
      GraphCommand.class,
      HealthCommand.class,
      TopCommand.class,
      TapCommand.class,
      PublishCommand.class,
      SubscribeCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      TokenCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "And, by the launcher:",
      "  build     Builds what is missing or stale.",
      "  test      Passes the tests; --full adds the long suites.",
      "  bench     Measures beside a reference: bench fanout | graph | micro.",
      "  package   Packs the product into one archive.",
      "",
      "Begin with: ./millrace demo",
      "Exit codes: 0 ok, 1 the work failed, 2 usage, 69 peer unreachable, 70 drain timed out,",
      "75 data directory or port in use, 78 bad configuration, 130 second interrupt."
    })
public final class MillraceCommand implements Runnable {
  @Spec private CommandSpec spec;

  /// Runs the command line and returns the exit code.
  public static int execute(String... args) {
    LogService.silence(); // until a server takes over
    var commandLine = new CommandLine(new MillraceCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    understandHelpOptions(commandLine);
    commandLine.setExecutionExceptionHandler(MillraceCommand::failed);
    commandLine.setParameterExceptionHandler(Misuse::explain);
    return commandLine.execute(args);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// `--help` with every command, and `--version`, for those who try them first.
  private static void understandHelpOptions(CommandLine commandLine) {
    var help = OptionSpec.builder("-h", "--help").usageHelp(true).description("Shows this help.");
    commandLine.getCommandSpec().version(VersionCommand.text());
    commandLine
        .getCommandSpec()
        .addOption(help.build())
        .addOption(
            OptionSpec.builder("--version")
                .versionHelp(true)
                .description("The same as the command version.")
                .build());
    understandHelpOption(commandLine, help);
  }

  /// Every command beneath `commandLine`, however deep.
  private static void understandHelpOption(CommandLine commandLine, OptionSpec.Builder help) {
    for (var command : commandLine.getSubcommands().values()) {
      if (command.getCommandSpec().findOption("--help") == null) {
        command.getCommandSpec().addOption(help.build());
      }
      understandHelpOption(command, help);
    }
  }

  private static int failed(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    if (failure instanceof ExitException exit) {
      commandLine.getErr().println(exit.getMessage());
      return exit.exitCode().code();
    }
    commandLine.getErr().println("Unexpected failure; this is a defect of Millrace:");
    failure.printStackTrace(commandLine.getErr());
    return ExitCode.FAILED.code();
  }
}
