package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.load.LoadSpec;
import dev.millrace.bench.load.OpenFiles;
import dev.millrace.bench.load.Pace;
import dev.millrace.bench.options.TimeOptions;
import dev.millrace.bench.options.TurnOptions;
import dev.millrace.bench.process.RedisProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
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
            + " run; with several topics beside Redis, with slow readers beside nobody slow. Every"
            + " delivery is checked; a lost, repeated or reordered one fails the run.",
    footer = {
      "",
      "Examples:",
      "  millrace bench fanout --subscribers 1000 --payload 128 --seconds 5",
      "  millrace bench fanout --subscribers 1000 --rate 50 --json    latency at 50,000"
          + " deliveries/s",
      "  millrace bench fanout --latency                              p99 at 50,000 and at"
          + " 2,000,000 deliveries/s",
      "  millrace bench fanout --topics 100                           10 subscribers each,"
          + " beside Redis",
      "  millrace bench fanout --slow 1 --subscribers 100             one reads at 1 %%",
      "  millrace bench fanout --redis pubsub                         published on one instance,"
          + " followed on another",
      "  millrace bench fanout --smoke                                small and quick"
    })
public final class FanoutCommand implements Callable<Integer> {
  private static final Duration GLIMPSE = Duration.ofMillis(500);
  private static final int LOW_RATE = 50_000; // deliveries a second
  private static final int HIGH_RATE = 2_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  @Spec private CommandSpec command;
  @Mixin private TurnOptions turns;
  @Mixin private TimeOptions time;

  @Option(names = "--subscribers", paramLabel = "N", description = "Default: 1000.")
  private int subscribers = 1_000;

  @Option(
      names = "--payload",
      paramLabel = "B",
      description = "Bytes of one published message, a JSON value. Default: 128.")
  private int payload = 128;

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
      names = "--topics",
      paramLabel = "T",
      description =
          "Spread the subscribers over T topics, beside Redis. Default: 1, beside the hub.")
  private int topics = 1;

  @Option(
      names = "--slow",
      paramLabel = "K",
      description = "K more subscribers that read at 1 %% of the others' rate; beside none.")
  private int slow;

  @Option(
      names = "--redis",
      paramLabel = "MODE",
      description =
          "Publish on one instance and follow on another, joined by Redis (pubsub or streams);"
              + " beside one instance.")
  private @Nullable String redisMode;

  @Option(
      names = "--latency",
      description = "Latency at 50,000 and at 2,000,000 deliveries/s, one after the other.")
  private boolean latency;

  @Option(
      names = "--min-ratio",
      paramLabel = "X",
      description = "Fail when millrace makes less than X of the reference's deliveries/s.")
  private @Nullable Double minRatio;

  @Option(names = "--reference-only", description = "Measure only the reference.")
  private boolean referenceOnly;

  @Option(names = "--smoke", description = "50 subscribers, one round of half a second.")
  private boolean smoke;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init")
  public FanoutCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    var plans = plans();
    var out = command.commandLine().getOut();
    var progress = command.commandLine().getErr();
    boolean needed = topics > 1 || redisMode != null;
    var redis = needed ? RedisProcess.find() : new RedisProcess.Missing("not asked for");
    if (needed && redis instanceof RedisProcess.Missing(var why)) {
      say(out, turns.json() ? FanoutJson.skipped(why) : "skipped: " + why);
      return ExitCode.OK;
    }
    var reports = new ArrayList<FanoutReport>();
    for (var plan : plans) {
      var report = new FanoutComparison(plan, line -> say(progress, line)).run(redis);
      reports.add(report);
      if (!turns.json()) {
        say(out, report.toString().stripTrailing());
      }
    }
    if (turns.json()) {
      say(out, latency ? FanoutJson.render(reports) : FanoutJson.render(reports.getFirst()));
    }
    boolean failed = false;
    for (var report : reports) {
      for (var complaint : complaints(report)) {
        say(progress, "failed: " + complaint);
        failed = true;
      }
    }
    return failed ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private List<String> complaints(FanoutReport report) {
    var complaints = new ArrayList<String>();
    if (!report.faultless()) {
      complaints.add("not everybody received everything once and in order");
    }
    var ratio = report.ratio(LoadResult::deliveriesPerSecond);
    if (minRatio != null && ratio.isPresent() && ratio.getAsDouble() < minRatio) {
      complaints.add("ratio " + ratio.getAsDouble() + " < --min-ratio " + minRatio);
    }
    if (turns.bars()) {
      report.bars().stream()
          .filter(bar -> !bar.met())
          .forEach(bar -> complaints.add(bar.toString()));
    }
    return complaints;
  }

  private List<FanoutPlan> plans() {
    try {
      OpenFiles.require("--subscribers", subscribers);
      long kinds =
          Stream.of(topics > 1, slow > 0, latency, redisMode != null)
              .filter(chosen -> chosen)
              .count();
      if (kinds > 1) {
        throw new IllegalArgumentException(
            "--topics, --slow, --latency and --redis exclude each other");
      }
      if (redisMode != null && !redisMode.equals("pubsub") && !redisMode.equals("streams")) {
        throw new IllegalArgumentException("--redis is pubsub or streams, not " + redisMode);
      }
      var pace = rate == null ? new Pace.ClosedLoop(window) : new Pace.OpenLoop(rate);
      var load =
          new LoadSpec(
              smoke ? Math.max(50, topics) : subscribers,
              payload,
              pace,
              smoke ? GLIMPSE : time.warmUp(),
              smoke ? GLIMPSE : time.measured(),
              PATIENCE);
      int rounds = smoke ? 1 : turns.rounds();
      var plan = new FanoutPlan(load, rounds, referenceOnly, turns.jvmArguments());
      if (topics > 1) {
        return List.of(plan.with(Contest.REDIS, load.withTopics(topics), Goal.deliveries(1.5)));
      }
      if (redisMode != null) {
        return List.of(plan.joinedBy(redisMode, Goal.deliveries(0.4)));
      }
      if (slow > 0) {
        var slowed = load.withSlowReaders(slow);
        return List.of(plan.with(Contest.SLOW, slowed, Goal.deliveries(0.95)));
      }
      if (latency) {
        return List.of(atRate(plan, LOW_RATE, 1.3), atRate(plan, HIGH_RATE, 1.5));
      }
      return List.of(plan);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
    }
  }

  /// At so many deliveries a second, or a tenth of them where it must only be seen to work.
  private FanoutPlan atRate(FanoutPlan plan, int deliveries, double limit) {
    int messages = deliveries / (smoke ? 10 : 1) / plan.load().subscribers();
    var load = plan.load().withPace(new Pace.OpenLoop(Math.max(1, messages)));
    return plan.with(Contest.REFERENCE, load, Goal.p99(limit));
  }

  private static void say(PrintWriter to, String line) {
    to.println(line);
    to.flush();
  }
}
