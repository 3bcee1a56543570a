package dev.millrace.bench.fanout;

import dev.millrace.bench.load.FanoutLoad;
import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.load.LoadSpec;
import dev.millrace.bench.load.Target;
import dev.millrace.bench.process.MillraceProcess;
import dev.millrace.bench.process.RedisProcess;
import dev.millrace.bench.process.ReferenceProcess;
import dev.millrace.bench.process.ServerProcess;
import dev.millrace.bench.report.Machine;
import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.core.life.Closer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks: how many deliveries does the engine make, of what the machine can, of what Redis does, or
/// of what it makes itself when nobody is slow? All servers stay up, warm and idle while another is
/// measured, and take turns, so that whatever else the machine does falls on all. The reference's
/// frames have the size of the engine's: it is given the payload that makes up for the engine's
/// envelope. Redis publishes the same payload and sends fewer bytes.
public final class FanoutComparison {
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  private final FanoutPlan plan;
  private final Consumer<String> progress;

  /// @param progress told a line now and then
  public FanoutComparison(FanoutPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /// Runs it.
  ///
  /// @param redis what is beside the engine in the contest with Redis; not looked at in others
  public FanoutReport run(RedisProcess.Search redis) throws IOException, InterruptedException {
    try (var closer = new Closer()) {
      var contestants = new ArrayList<Contestant>();
      switch (plan.contest()) {
        case REFERENCE -> {
          var reference = closer.opened(ReferenceProcess.start(START_PATIENCE));
          if (plan.referenceOnly()) {
            contestants.add(new Contestant(Side.REFERENCE, reference, plan.load()));
          } else {
            var engine = engine(closer);
            contestants.add(new Contestant(Side.REFERENCE, reference, sameOnTheWire(engine)));
            contestants.add(new Contestant(Side.MILLRACE, engine, plan.load()));
          }
        }
        case REDIS -> {
          var server = closer.opened(RedisProcess.start(found(redis), START_PATIENCE));
          contestants.add(new Contestant(Side.REDIS, server, plan.load()));
          contestants.add(new Contestant(Side.MILLRACE, engine(closer), plan.load()));
        }
        case SLOW -> {
          var engine = engine(closer);
          var undisturbed = plan.load().withSlowReaders(0);
          contestants.add(new Contestant(Side.UNDISTURBED, engine, undisturbed));
          contestants.add(new Contestant(Side.DISTURBED, engine, plan.load()));
        }
        case CLUSTER -> {
          contestants.add(new Contestant(Side.MILLRACE, engine(closer), plan.load()));
          var redisServer = closer.opened(RedisProcess.start(found(redis), START_PATIENCE));
          var followers = engine(closer, redisServer);
          var publishers = engine(closer, redisServer);
          contestants.add(
              new Contestant(Side.CLUSTER, followers, plan.load(), publishers, redisServer));
        }
      }
      return new FanoutReport(plan, Machine.current(), rounds(contestants));
    }
  }

  private static RedisProcess.Found found(RedisProcess.Search search) {
    if (search instanceof RedisProcess.Found program) {
      return program;
    }
    throw new IllegalStateException("there is no Redis to compare with: " + search);
  }

  private ServerProcess engine(Closer closer) throws IOException, InterruptedException {
    return closer.opened(MillraceProcess.start(plan.jvmArguments(), List.of(), START_PATIENCE));
  }

  /// One instance of those that share `redis`.
  private ServerProcess engine(Closer closer, ServerProcess redis)
      throws IOException, InterruptedException {
    var settings =
        List.of("cluster.redis.url=" + redis.address(), "cluster.broker.mode=" + plan.brokerMode());
    return closer.opened(MillraceProcess.start(plan.jvmArguments(), settings, START_PATIENCE));
  }

  private List<FanoutReport.Round> rounds(List<Contestant> contestants) throws IOException {
    var rounds = new ArrayList<FanoutReport.Round>();
    for (int number = 1; number <= plan.rounds(); number++) {
      for (var contestant : contestants) {
        var result = measure(contestant);
        var label = contestant.side().label();
        progress.accept(
            "round %d of %d, %s: %,.0f deliveries/s"
                .formatted(number, plan.rounds(), label, result.deliveriesPerSecond()));
        rounds.add(new FanoutReport.Round(contestant.side(), number, result));
      }
    }
    return rounds;
  }

  /// The load that makes the reference send frames as long as the engine's.
  private LoadSpec sameOnTheWire(ServerProcess engine) throws IOException {
    var probe = plan.load().withSubscribers(1).withTimes(Duration.ZERO, Duration.ofMillis(50));
    int wireBytes = measure(new Contestant(Side.MILLRACE, engine, probe)).wireBytes();
    return plan.load().withPayloadBytes(FrameHeader.payloadBytesFor(wireBytes));
  }

  private static LoadResult measure(Contestant contestant) throws IOException {
    var server = contestant.server();
    var target =
        switch (contestant.side()) {
          case REFERENCE -> Target.reference(server.address());
          case REDIS -> Target.redis(server.address());
          case MILLRACE, UNDISTURBED, DISTURBED -> Target.millrace(server.address());
          case CLUSTER -> {
            var publishers = contestant.publishers();
            var followers = Target.millrace(server.address());
            yield publishers == null ? followers : followers.publishingAt(publishers.address());
          }
        };
    try {
      return FanoutLoad.run(contestant.load(), target, contestant::cpu);
    } catch (IOException failure) {
      throw new IOException(
          "%s: %s; the server's last lines:%n%s"
              .formatted(contestant.side().label(), failure.getMessage(), server.output()),
          failure);
    }
  }

  /// `publishers` is the instance that is published on, if it is another, and `redis` what joins
  /// the two.
  private record Contestant(
      Side side,
      ServerProcess server,
      LoadSpec load,
      @Nullable ServerProcess publishers,
      @Nullable ServerProcess redis) {
    Contestant(Side side, ServerProcess server, LoadSpec load) {
      this(side, server, load, null, null);
    }

    /// Of all processes together.
    Duration cpu() {
      var sum = server.cpu();
      for (var other : Arrays.asList(publishers, redis)) {
        sum = other == null ? sum : sum.plus(other.cpu());
      }
      return sum;
    }
  }
}
