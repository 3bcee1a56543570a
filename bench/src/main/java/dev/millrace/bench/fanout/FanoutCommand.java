package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.load.LoadSpec;
import dev.millrace.bench.load.Pace;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `bench fanout` on the command line.
@Command(
    name = "fanout",
    mixinStandardHelpOptions = true,
    description =
        "Deliveries per second to many WebSocket subscribers, beside a plain-NIO hub in the same"
            + " run. Every delivery is checked; a lost, repeated or reordered one fails the run.",
    footer = {
      "",
      "Examples:",
      "  millrace bench fanout --subscribers 1000 --payload 128 --seconds 5",
      "  millrace bench fanout --subscribers 1000 --rate 50 --json    latency at 50,000"
          + " deliveries/s",
      "  millrace bench fanout --smoke                                small and quick"
    })
public final class FanoutCommand implements Callable<Integer> {
  private static final int MAX_SECONDS = 60;
  private static final int OTHER_FILES = 500; // jars, logs, the sockets besides
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  @Spec private CommandSpec command;

  @Option(names = "--subscribers", paramLabel = "N", description = "Default: 1000.")
  private int subscribers = 1_000;

  @Option(
      names = "--payload",
      paramLabel = "B",
      description = "Bytes of one published message, a JSON value. Default: 128.")
  private int payload = 128;

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
      names = "--window",
      paramLabel = "W",
      description = "Messages under way to each subscriber, on average. Default: 512.")
  private int window = 512;

  @Option(
      names = "--rate",
      paramLabel = "M",
      description = "Publish M messages a second instead of as fast as they are received.")
  private @Nullable Integer rate;

  @Option(
      names = "--min-ratio",
      paramLabel = "X",
      description = "Fail when millrace makes less than X of the reference's deliveries/s.")
  private @Nullable Double minRatio;

  @Option(names = "--reference-only", description = "Measure only the reference.")
  private boolean referenceOnly;

  @Option(
      names = "--jvm",
      paramLabel = "ARG",
      description = "A JVM argument for the Millrace server; repeatable.")
  private List<String> jvmArguments = List.of();

  @Option(names = "--smoke", description = "50 subscribers, one round of one second.")
  private boolean smoke;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init")
  public FanoutCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    var plan = plan();
    var out = command.commandLine().getOut();
    var progress = command.commandLine().getErr();
    var report = new FanoutComparison(plan, line -> say(progress, line)).run();
    say(out, json ? FanoutJson.render(report) : report.toString().stripTrailing());
    if (!report.faultless()) {
      say(progress, "failed: not everybody received everything once and in order");
      return ExitCode.SOFTWARE;
    }
    var ratio = report.ratio(LoadResult::deliveriesPerSecond);
    if (minRatio != null && ratio.isPresent() && ratio.getAsDouble() < minRatio) {
      say(progress, "failed: ratio " + ratio.getAsDouble() + " < --min-ratio " + minRatio);
      return ExitCode.SOFTWARE;
    }
    return ExitCode.OK;
  }

  private FanoutPlan plan() {
    try {
      refuseMoreThanFiles();
      var pace = rate == null ? new Pace.ClosedLoop(window) : new Pace.OpenLoop(rate);
      return new FanoutPlan(
          new LoadSpec(
              smoke ? 50 : subscribers,
              payload,
              pace,
              duration(smoke ? 1 : warmUp),
              duration(smoke ? 1 : seconds),
              PATIENCE),
          smoke ? 1 : rounds,
          referenceOnly,
          jvmArguments);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
    }
  }

  /// Each subscriber is an open file, here and in the server.
  private void refuseMoreThanFiles() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.UnixOperatingSystemMXBean system) {
      long files = system.getMaxFileDescriptorCount();
      if (subscribers > files - OTHER_FILES) {
        throw new IllegalArgumentException(
            "--subscribers %d needs more than the %d files that a process may open here; raise it"
                    .formatted(subscribers, files)
                + " (ulimit -n) or take fewer");
      }
    }
  }

  private static Duration duration(double seconds) {
    if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
      throw new IllegalArgumentException(seconds + " seconds outside 0…" + MAX_SECONDS);
    }
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  private static void say(PrintWriter to, String line) {
    to.println(line);
    to.flush();
  }
}
