package dev.millrace.bench.inbound;

import dev.millrace.bench.load.OpenFiles;
import dev.millrace.bench.load.TalkLoad;
import dev.millrace.bench.report.Findings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `bench inbound` on the command line.
@Command(
    name = "inbound",
    mixinStandardHelpOptions = true,
    description =
        "Messages a second that clients can send: parsed, counted against a limit, looked up among"
            + " known ids and dropped, beside a server that sends the same bytes back. Every"
            + " message must be in the server's own figures.",
    footer = {
      "",
      "Examples:",
      "  millrace bench inbound                             about a minute",
      "  millrace bench inbound --clients 1000 --json",
      "  millrace bench inbound --smoke                     small and quick"
    })
public final class InboundCommand implements Callable<Integer> {
  private static final double MAX_SECONDS = 60;
  private static final int MAX_ROUNDS = 100;

  @Spec private CommandSpec command;

  @Option(names = "--clients", paramLabel = "N", description = "Default: 100.")
  private int clients = 100;

  @Option(
      names = "--message",
      paramLabel = "B",
      description = "Bytes of one message. Default: 175.")
  private int message = 175;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Measured seconds of each round, at most 60. Default: 5.")
  private double seconds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description = "Seconds of load before each measured part, at most 60. Default: 3.")
  private double warmUp = 3;

  @Option(
      names = "--rounds",
      paramLabel = "R",
      description = "How often the two take turns. Default: 3.")
  private int rounds = 3;

  @Option(
      names = "--jvm",
      paramLabel = "ARG",
      description = "A JVM argument for the Millrace server; repeatable.")
  private List<String> jvmArguments = List.of();

  @Option(names = "--bars", description = "Fail when a figure misses its bar.")
  private boolean failing;

  @Option(names = "--smoke", description = "10 clients, one round of a fifth of a second.")
  private boolean smoke;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init") // set by the command line
  public InboundCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    var findings = new Findings("inbound", json, command.commandLine());
    var comparison =
        new InboundComparison(
            smoke ? 10 : clients, message, smoke ? 1 : rounds, findings::progress);
    findings.add(
        comparison.measured(
            duration(smoke ? 0.2 : warmUp), duration(smoke ? 0.2 : seconds), jvmArguments));
    return findings.end(failing);
  }

  private void check() {
    try {
      OpenFiles.require("--clients", clients);
      TalkLoad.requireMessageBytes(message);
      if (clients < 1) {
        throw new IllegalArgumentException("--clients " + clients + " < 1");
      }
      if (rounds < 1 || rounds > MAX_ROUNDS) {
        throw new IllegalArgumentException("--rounds " + rounds + " outside 1…" + MAX_ROUNDS);
      }
      for (double part : new double[] {seconds, warmUp}) {
        if (!(part >= 0 && part <= MAX_SECONDS)) {
          throw new IllegalArgumentException(part + " seconds outside 0…" + MAX_SECONDS);
        }
      }
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
    }
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }
}
