package dev.millrace.bench.sessions;

import dev.millrace.bench.load.OpenFiles;
import dev.millrace.bench.options.TurnOptions;
import dev.millrace.bench.report.Findings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `bench sessions` on the command line.
@Command(
    name = "sessions",
    mixinStandardHelpOptions = true,
    description =
        "What an idle session costs in memory, and how many sessions a second can come with a"
            + " token, be greeted and leave, beside a plain-NIO hub in the same run.",
    footer = {
      "",
      "Examples:",
      "  millrace bench sessions                             both, about a minute",
      "  millrace bench sessions --only memory --histogram   where the memory goes",
      "  millrace bench sessions --jvm=-XX:+UseSerialGC",
      "  millrace bench sessions --smoke                     small and quick"
    })
public final class SessionsCommand implements Callable<Integer> {
  private static final int MAX_SETTLING_SECONDS = 60;

  @Spec private CommandSpec command;
  @Mixin private TurnOptions turns;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      description = "Idle sessions, and sessions that come in one round. Default: 5000.")
  private int sessions = 5_000;

  @Option(
      names = "--topics",
      paramLabel = "T",
      description = "Topics that idle sessions are spread over. Default: 100.")
  private int topics = 100;

  @Option(
      names = "--settle",
      paramLabel = "S",
      description =
          "Seconds that idle sessions stay before they are looked at; the default has each get a"
              + " heartbeat. Default: 17.")
  private int settle = 17;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "Ask this question alone: memory or accepts.")
  private String only = "";

  @Option(names = "--histogram", description = "Say which classes hold the memory.")
  private boolean histogram;

  @Option(names = "--smoke", description = "100 sessions, one round.")
  private boolean smoke;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init") // set by the command line
  public SessionsCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    int count = smoke ? 100 : sessions;
    var findings = new Findings("sessions", turns.json(), command.commandLine());
    if (!only.equals("accepts")) {
      var settling = Duration.ofSeconds(smoke ? 0 : settle);
      findings.add(
          SessionMemory.measured(count, topics, settling, histogram, turns.jvmArguments()));
    }
    if (!only.equals("memory")) {
      var visits = new SessionVisits(count, smoke ? 1 : turns.rounds(), findings::progress);
      findings.add(visits.measured(turns.jvmArguments()));
    }
    return findings.end(turns.bars());
  }

  private void check() {
    try {
      OpenFiles.require("--sessions", sessions);
      require("--sessions", sessions, 1, Integer.MAX_VALUE);
      require("--topics", topics, 1, 100_000);
      var _ = turns.rounds();
      require("--settle", settle, 0, MAX_SETTLING_SECONDS);
      if (!List.of("", "memory", "accepts").contains(only)) {
        throw new IllegalArgumentException(
            "--only " + only + " is no question; there are memory, accepts");
      }
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
    }
  }

  private static void require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s %d outside %d…%d".formatted(option, value, least, most));
    }
  }
}
