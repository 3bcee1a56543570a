package dev.millrace.bench;

import dev.millrace.bench.fanout.FanoutCommand;
import dev.millrace.bench.graph.GraphCommand;
import dev.millrace.bench.inbound.InboundCommand;
import dev.millrace.bench.micro.MicroCommand;
import dev.millrace.bench.sessions.SessionsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `bench` on the command line: 0 when the measurement was made and its answer is right, 1 when
/// not, 2 when it was asked wrongly.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Reproducible measurements, each beside a reference in the same run.",
    subcommands = {
      FanoutCommand.class,
      SessionsCommand.class,
      InboundCommand.class,
      GraphCommand.class,
      MicroCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String... arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /// The commands, with failures told in one line each.
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(
            (failure, commandLine, parsed) -> {
              commandLine.getErr().println("failed: " + failure.getMessage());
              return CommandLine.ExitCode.SOFTWARE;
            });
  }
}
