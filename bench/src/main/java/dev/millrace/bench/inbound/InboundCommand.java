package dev.millrace.bench.inbound;

import dev.millrace.bench.load.OpenFiles;
import dev.millrace.bench.load.TalkLoad;
import dev.millrace.bench.options.TimeOptions;
import dev.millrace.bench.options.TurnOptions;
import dev.millrace.bench.report.Findings;
import dev.millrace.net.NetSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      "  millrace bench inbound --loops 2                   a server with two event loops",
      "  millrace bench inbound --smoke                     small and quick"
    })
public final class InboundCommand implements Callable<Integer> {
  private static final Duration GLIMPSE = Duration.ofMillis(200);
  private static final int MAX_LOOPS = 256;

  @Spec private CommandSpec command;
  @Mixin private TurnOptions turns;
  @Mixin private TimeOptions time;

  @Option(names = "--clients", paramLabel = "N", description = "Default: 100.")
  private int clients = 100;

  @Option(
      names = "--message",
      paramLabel = "B",
      description = "Bytes of one message. Default: 175.")
  private int message = 175;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "Event loops of the Millrace server. Default: as many as it has by default.")
  private int loops = NetSpec.DEFAULT.eventLoops();

  @Option(names = "--smoke", description = "10 clients, one round of a fifth of a second.")
  private boolean smoke;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init") // set by the command line
  public InboundCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    var findings = new Findings("inbound", turns.json(), command.commandLine());
    var comparison =
        new InboundComparison(
            smoke ? 10 : clients, message, loops, smoke ? 1 : turns.rounds(), findings::progress);
    findings.add(
        comparison.measured(
            smoke ? GLIMPSE : time.warmUp(),
            smoke ? GLIMPSE : time.measured(),
            turns.jvmArguments()));
    return findings.end(turns.bars());
  }

  private void check() {
    try {
      OpenFiles.require("--clients", clients);
      TalkLoad.requireMessageBytes(message);
      if (clients < 1) {
        throw new IllegalArgumentException("--clients " + clients + " < 1");
      }
      if (loops < 1 || loops > MAX_LOOPS) {
        throw new IllegalArgumentException("--loops " + loops + " outside 1…" + MAX_LOOPS);
      }
      var _ = turns.rounds();
      var _ = time.warmUp();
      var _ = time.measured();
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
    }
  }
}
