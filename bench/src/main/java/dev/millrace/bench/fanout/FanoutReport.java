package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.load.Pace;
import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Machine;
import dev.millrace.bench.report.Medians;
import dev.millrace.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// What a comparison found.
public record FanoutReport(FanoutPlan plan, Machine machine, List<Round> rounds) {

  /// One load on one server.
  public record Round(Side side, int number, LoadResult result) {}

  public FanoutReport {
    rounds = List.copyOf(rounds);
  }

  /// Whether everybody received everything, once, in order.
  public boolean faultless() {
    return rounds.stream().allMatch(round -> round.result().faults().none());
  }

  public List<LoadResult> of(Side side) {
    return rounds.stream().filter(round -> round.side() == side).map(Round::result).toList();
  }

  /// What is asked of the ratios, with what they are.
  public List<Bar> bars() {
    var bars = new ArrayList<Bar>();
    for (var goal : plan.goals()) {
      var what = plan.contest() + ", " + goal.figure();
      ratio(goal.measure())
          .ifPresent(ratio -> bars.add(new Bar(what, ratio, goal.kind(), goal.limit())));
    }
    return bars;
  }

  /// The median over the rounds of the engine's figure divided by the one beside it in the same
  /// round; empty when only the reference ran.
  public OptionalDouble ratio(ToDoubleFunction<LoadResult> measure) {
    var reference = of(plan.contest().beside());
    var engine = of(plan.contest().measured());
    if (engine.isEmpty()) {
      return OptionalDouble.empty();
    }
    var ratios = new ArrayList<Double>();
    for (int round = 0; round < engine.size(); round++) {
      ratios.add(
          measure.applyAsDouble(engine.get(round)) / measure.applyAsDouble(reference.get(round)));
    }
    return OptionalDouble.of(Medians.of(ratios, Double::doubleValue));
  }

  /// For people: every round, the medians, the ratios.
  @Override
  public String toString() {
    var table =
        new Table(
            "",
            "deliveries/s",
            "per CPU s",
            "MB/s",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "server CPU",
            "client CPU",
            "lost",
            "gaps",
            "repeated",
            "dead");
    for (var round : rounds) {
      addRow(table, round.side().label() + ' ' + round.number(), List.of(round.result()));
    }
    for (var side : Side.values()) {
      if (plan.rounds() > 1 && !of(side).isEmpty()) {
        addRow(table, side.label() + " median", of(side));
      }
    }
    var text = new StringBuilder(title()).append(System.lineSeparator()).append(table);
    ratio(LoadResult::deliveriesPerSecond).ifPresent(ratio -> text.append(ratios()));
    rounds.stream()
        .map(round -> round.result().slow())
        .filter(slow -> slow.readers() > 0)
        .forEach(slow -> text.append(slow(slow)));
    bars().forEach(bar -> text.append(bar).append(System.lineSeparator()));
    rounds.stream()
        .map(round -> round.result().faults().complaint())
        .filter(complaint -> complaint != null)
        .findFirst()
        .ifPresent(complaint -> text.append("first complaint: ").append(complaint).append('\n'));
    return text.toString();
  }

  private String title() {
    var load = plan.load();
    var pace =
        switch (load.pace()) {
          case Pace.ClosedLoop(var window) -> "at most " + window + " messages under way";
          case Pace.OpenLoop(var rate) -> rate + " messages/s";
        };
    return String.format(
        Locale.ROOT,
        "fan-out to %,d subscribers%s, %d bytes published, %s bytes on the wire, %s,"
            + " %d × %s after %s; %s",
        load.subscribers(),
        load.topics() > 1 ? " of " + load.topics() + " topics" : "",
        load.payloadBytes(),
        wireBytes(),
        pace,
        plan.rounds(),
        seconds(load.measured().toMillis()),
        seconds(load.warmUp().toMillis()),
        machine);
  }

  private String wireBytes() {
    var sizes = rounds.stream().map(round -> round.result().wireBytes()).distinct().toList();
    return sizes.size() == 1 ? sizes.getFirst().toString() : sizes.toString();
  }

  private String ratios() {
    return String.format(
        Locale.ROOT,
        "%s, median of rounds: deliveries/s %.3f, per CPU second %.3f, p50 %.2f, p99 %.2f%n",
        plan.contest(),
        ratio(LoadResult::deliveriesPerSecond).orElseThrow(),
        ratio(LoadResult::deliveriesPerServerCpuSecond).orElseThrow(),
        ratio(result -> result.latency().p50()).orElseThrow(),
        ratio(result -> result.latency().p99()).orElseThrow());
  }

  private static String slow(LoadResult.Slow slow) {
    return String.format(
        Locale.ROOT,
        "%d slow readers took %,d bytes; the server closed %d%n",
        slow.readers(),
        slow.bytes(),
        slow.closed());
  }

  private static void addRow(Table table, String name, List<LoadResult> results) {
    table.row(
        name,
        cell("%,.0f", results, LoadResult::deliveriesPerSecond),
        cell("%,.0f", results, LoadResult::deliveriesPerServerCpuSecond),
        cell("%,.0f", results, result -> result.bytes() / result.seconds() / 1e6),
        cell("%.2f", results, result -> result.latency().p50()),
        cell("%.2f", results, result -> result.latency().p99()),
        cell("%.2f", results, result -> result.latency().p999()),
        cell("%.2f", results, result -> result.serverCpuSeconds() / result.seconds()),
        cell("%.2f", results, result -> result.clientCpuSeconds() / result.seconds()),
        sum(results, result -> result.faults().lost()),
        sum(results, result -> result.faults().gaps()),
        sum(results, result -> result.faults().repeated()),
        sum(results, result -> result.faults().dead()));
  }

  private static String cell(
      String format, List<LoadResult> results, ToDoubleFunction<LoadResult> measure) {
    return String.format(Locale.ROOT, format, Medians.of(results, measure));
  }

  private static String sum(
      List<LoadResult> results, java.util.function.ToLongFunction<LoadResult> faults) {
    return Long.toString(results.stream().mapToLong(faults).sum());
  }

  private static String seconds(long millis) {
    return millis / 1e3 + " s";
  }
}
