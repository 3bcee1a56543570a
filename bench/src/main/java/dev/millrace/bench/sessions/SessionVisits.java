package dev.millrace.bench.sessions;

import dev.millrace.bench.load.Target;
import dev.millrace.bench.load.VisitLoad;
import dev.millrace.bench.process.MillraceProcess;
import dev.millrace.bench.process.ReferenceProcess;
import dev.millrace.bench.process.ServerFigures;
import dev.millrace.bench.process.ServerProcess;
import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Finding;
import dev.millrace.bench.report.Medians;
import dev.millrace.bench.report.Table;
import dev.millrace.core.json.Json;
import dev.millrace.core.life.Closer;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.SystemClock;
import dev.millrace.gateway.auth.JwtSpec;
import dev.millrace.gateway.auth.TokenMint;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// How many sessions a second can come with a token, be greeted, and leave with the closing
/// handshake? Beside the reference hub, which only consents to the WebSocket. Both are warm: they
/// have had as many connections as one round makes before the first round.
final class SessionVisits {
  private static final double BAR = 0.3;
  private static final int SECRET_BYTES = 32;
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final int visits;
  private final int rounds;
  private final Consumer<String> progress;

  SessionVisits(int visits, int rounds, Consumer<String> progress) {
    this.visits = visits;
    this.rounds = rounds;
    this.progress = progress;
  }

  Finding measured(List<String> jvmArguments) throws IOException, InterruptedException {
    var secretBytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secretBytes);
    var secret = HexFormat.of().formatHex(secretBytes);
    try (var closer = new Closer()) {
      var hub = closer.opened(ReferenceProcess.start(START_PATIENCE));
      var engine =
          closer.opened(
              MillraceProcess.start(
                  jvmArguments, List.of("auth.jwt.secret=" + secret), START_PATIENCE));
      var plain = new Contestant("reference", hub, Target.reference(hub.address()), false);
      var target = Target.millrace(engine.address()).withToken(token(secret));
      var greeting = new Contestant("millrace", engine, target, true);
      requireRefusal(engine);
      plain.visit(visits);
      greeting.visit(visits);
      for (int round = 1; round <= rounds; round++) {
        for (var contestant : List.of(plain, greeting)) {
          var result = contestant.visit(visits);
          contestant.results.add(result);
          progress.accept(
              "round %d of %d, %s: %,.0f sessions/s"
                  .formatted(round, rounds, contestant.name, result.perSecond()));
        }
      }
      requireAllCounted(engine);
      return finding(plain, greeting);
    }
  }

  /// Without the token nobody comes in; otherwise the token would not have been looked at.
  private static void requireRefusal(ServerProcess engine) throws IOException {
    try {
      VisitLoad.run(Target.millrace(engine.address()), true, 1, PATIENCE, engine::cpu);
    } catch (IOException refused) {
      return;
    }
    throw new IOException("the server lets in sessions without a token");
  }

  private void requireAllCounted(ServerProcess engine) throws IOException {
    long counted = ServerFigures.of(engine.address()).sum("millrace_net_websockets_total");
    long made = (long) visits * (rounds + 1);
    if (counted < made) {
      throw new IOException("the server counts " + counted + " WebSockets, not " + made);
    }
  }

  private static String token(String secret) {
    var spec = new JwtSpec(secret, List.of(), null, null, 0, List.of(), null);
    try (var clock = new SystemClock()) {
      return TokenMint.mint(spec, null, "bench", Duration.ofHours(1), clock);
    } catch (ProblemException impossible) {
      throw new IllegalStateException("there is a secret to sign with", impossible);
    }
  }

  private Finding finding(Contestant plain, Contestant greeting) {
    var table = new Table("", "sessions/s", "lowest", "highest", "per CPU s");
    var figures = Json.mapper().createObjectNode().put("sessions", visits).put("rounds", rounds);
    for (var contestant : List.of(plain, greeting)) {
      var rates = contestant.results.stream().mapToDouble(VisitLoad.Result::perSecond).toArray();
      var list = figures.putArray(contestant.name + "_per_second");
      for (var rate : rates) {
        list.add(rate);
      }
      table.row(
          contestant.name,
          number(Medians.of(contestant.results, VisitLoad.Result::perSecond)),
          number(Arrays.stream(rates).min().orElseThrow()),
          number(Arrays.stream(rates).max().orElseThrow()),
          number(Medians.of(contestant.results, VisitLoad.Result::perServerCpuSecond)));
    }
    double ratio = ratio(plain, greeting, VisitLoad.Result::perSecond);
    double perCpu = ratio(plain, greeting, VisitLoad.Result::perServerCpuSecond);
    figures.put("ratio", ratio).put("ratio_per_cpu_second", perCpu);
    return new Finding(
        "accepts",
        "%,d sessions a round come with a token, are greeted, leave".formatted(visits),
        table,
        List.of(String.format(Locale.ROOT, "millrace / reference, per CPU second %.2f", perCpu)),
        figures,
        List.of(Bar.atLeast("millrace / reference, sessions/s", ratio, BAR)));
  }

  private static double ratio(
      Contestant plain, Contestant greeting, ToDoubleFunction<VisitLoad.Result> measure) {
    var ratios = new ArrayList<Double>();
    for (int round = 0; round < plain.results.size(); round++) {
      ratios.add(
          measure.applyAsDouble(greeting.results.get(round))
              / measure.applyAsDouble(plain.results.get(round)));
    }
    return Medians.of(ratios, Double::doubleValue);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /// One server, and what it came to.
  private static final class Contestant {
    final String name;
    final List<VisitLoad.Result> results = new ArrayList<>();
    private final ServerProcess server;
    private final Target target;
    private final boolean greets;

    Contestant(String name, ServerProcess server, Target target, boolean greets) {
      this.name = name;
      this.server = server;
      this.target = target;
      this.greets = greets;
    }

    VisitLoad.Result visit(int visits) throws IOException {
      try {
        return VisitLoad.run(target, greets, visits, PATIENCE, server::cpu);
      } catch (IOException failure) {
        throw new IOException(
            "%s: %s; the server's last lines:%n%s"
                .formatted(name, failure.getMessage(), server.output()),
            failure);
      }
    }
  }
}
