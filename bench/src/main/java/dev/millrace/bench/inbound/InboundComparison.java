package dev.millrace.bench.inbound;

import dev.millrace.bench.load.TalkLoad;
import dev.millrace.bench.load.Target;
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
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// Asks: how many messages a second does the engine take from clients? It parses each, counts it
/// against the sender's limit, looks whether its id is known, and drops it, because nobody handles
/// messages of its type. Beside it a server sends back the same bytes unread, which is more to
/// write and less to think. Everything sent must be in the engine's own figures, the repetitions as
/// duplicates and nothing as beyond the limit.
final class InboundComparison {
  private static final double BAR = 0.5;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String RECEIVED = "millrace_gateway_wse_received_messages_total";
  private static final String DROPPED = "millrace_gateway_wse_dropped_messages_total";

  /// The limiter counts as ever, and earns more than anybody can send.
  private static final List<String> SETTINGS =
      List.of("hub.rate_limit.capacity=100000", "hub.rate_limit.refill_rate=1000000000");

  private static final String LOOPS = "server.event_loops=";

  private final int clients;
  private final int messageBytes;
  private final int loops;
  private final int rounds;
  private final Consumer<String> progress;

  /// @param loops event loops of the engine; the other server has one
  /// @param progress told a line now and then
  InboundComparison(
      int clients, int messageBytes, int loops, int rounds, Consumer<String> progress) {
    this.clients = clients;
    this.messageBytes = messageBytes;
    this.loops = loops;
    this.rounds = rounds;
    this.progress = progress;
  }

  Finding measured(Duration warmUp, Duration measured, List<String> jvmArguments)
      throws IOException, InterruptedException {
    try (var closer = new Closer()) {
      var echo = closer.opened(ReferenceProcess.startEcho(PATIENCE));
      var engine = closer.opened(MillraceProcess.start(jvmArguments, settings(), PATIENCE));
      var echoing = new ArrayList<TalkLoad.Result>();
      var taking = new ArrayList<TalkLoad.Result>();
      for (int round = 1; round <= rounds; round++) {
        echoing.add(talk("reference", echo, true, warmUp, measured));
        tell(round, "reference", echoing.getLast());
        taking.add(talk("millrace", engine, false, warmUp, measured));
        tell(round, "millrace", taking.getLast());
      }
      return finding(echoing, taking);
    }
  }

  private List<String> settings() {
    var settings = new ArrayList<>(SETTINGS);
    settings.add(LOOPS + loops);
    return settings;
  }

  private void tell(int round, String name, TalkLoad.Result result) {
    progress.accept(
        "round %d of %d, %s: %,.0f messages/s".formatted(round, rounds, name, result.perSecond()));
  }

  private TalkLoad.Result talk(
      String name, ServerProcess server, boolean echoes, Duration warmUp, Duration measured)
      throws IOException {
    var address = server.address();
    var target = echoes ? Target.reference(address) : Target.millrace(address);
    try (var load = new TalkLoad(target, clients, messageBytes, echoes, PATIENCE)) {
      load.run(warmUp, server::cpu);
      if (echoes) {
        return load.run(measured, server::cpu);
      }
      var before = ServerFigures.of(address);
      var result = load.run(measured, server::cpu);
      requireCounted(before, result, address);
      return result;
    } catch (IOException failure) {
      throw new IOException(
          "%s: %s; the server's last lines:%n%s"
              .formatted(name, failure.getMessage(), server.output()),
          failure);
    }
  }

  private static void requireCounted(ServerFigures before, TalkLoad.Result result, URI address)
      throws IOException {
    var after = ServerFigures.of(address);
    require("unknown", "kind", RECEIVED, result.sent() - result.repeated(), before, after);
    require("duplicate", "reason", DROPPED, result.repeated(), before, after);
    require("rate_limit", "reason", DROPPED, 0, before, after);
    require("malformed", "reason", DROPPED, 0, before, after);
  }

  private static void require(
      String value,
      String label,
      String metric,
      long expected,
      ServerFigures before,
      ServerFigures after)
      throws IOException {
    long counted = after.value(metric, label, value) - before.value(metric, label, value);
    if (counted != expected) {
      throw new IOException(
          "%s counts %d as %s, not %d".formatted(metric, counted, value, expected));
    }
  }

  private Finding finding(List<TalkLoad.Result> echoing, List<TalkLoad.Result> taking) {
    double ratio = ratio(echoing, taking, TalkLoad.Result::perSecond);
    double perCpu = ratio(echoing, taking, TalkLoad.Result::perServerCpuSecond);
    var figures =
        Json.mapper()
            .createObjectNode()
            .put("clients", clients)
            .put("message_bytes", messageBytes)
            .put("event_loops", loops)
            .put("rounds", rounds)
            .put("ratio", ratio)
            .put("ratio_per_cpu_second", perCpu);
    var table = new Table("", "messages/s", "per CPU s", "MB/s", "server CPU", "client CPU");
    row(table, "reference", echoing);
    row(table, "millrace", taking);
    var reference = figures.putArray("reference_per_second");
    echoing.forEach(result -> reference.add(result.perSecond()));
    var millrace = figures.putArray("millrace_per_second");
    taking.forEach(result -> millrace.add(result.perSecond()));
    return new Finding(
        "inbound",
        "%d clients send messages of %d bytes to %s"
            .formatted(clients, messageBytes, loops == 1 ? "one loop" : loops + " loops"),
        table,
        List.of(String.format(Locale.ROOT, "millrace / reference, per CPU second %.2f", perCpu)),
        figures,
        List.of(Bar.atLeast("millrace / reference, messages/s", ratio, BAR)));
  }

  private static double ratio(
      List<TalkLoad.Result> echoing,
      List<TalkLoad.Result> taking,
      ToDoubleFunction<TalkLoad.Result> measure) {
    var ratios = new ArrayList<Double>();
    for (int round = 0; round < echoing.size(); round++) {
      ratios.add(
          measure.applyAsDouble(taking.get(round)) / measure.applyAsDouble(echoing.get(round)));
    }
    return Medians.of(ratios, Double::doubleValue);
  }

  private void row(Table table, String name, List<TalkLoad.Result> results) {
    table.row(
        name,
        number("%,.0f", results, TalkLoad.Result::perSecond),
        number("%,.0f", results, TalkLoad.Result::perServerCpuSecond),
        number("%,.0f", results, result -> result.perSecond() * messageBytes / 1e6),
        number("%.2f", results, result -> result.serverCpuSeconds() / result.seconds()),
        number("%.2f", results, result -> result.clientCpuSeconds() / result.seconds()));
  }

  private static String number(
      String format, List<TalkLoad.Result> results, ToDoubleFunction<TalkLoad.Result> measure) {
    return String.format(Locale.ROOT, format, Medians.of(results, measure));
  }
}
