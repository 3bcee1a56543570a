package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.load.Pace;
import dev.millrace.bench.process.MillraceProcess;
import dev.millrace.bench.process.ReferenceProcess;
import dev.millrace.bench.report.Bar;
import dev.millrace.core.json.Json;
import java.util.List;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ObjectNode;

/// A comparison for machines: what was run, every round, the ratios.
public final class FanoutJson {
  private FanoutJson() {}

  public static String render(FanoutReport report) {
    return node(report).toPrettyString();
  }

  /// Several comparisons of one run.
  static String render(List<FanoutReport> reports) {
    var root = Json.mapper().createObjectNode().put("bench", "fanout");
    var runs = root.putArray("runs");
    reports.forEach(report -> runs.add(node(report)));
    return root.toPrettyString();
  }

  /// A comparison that cannot be made here.
  static String skipped(String why) {
    return Json.mapper()
        .createObjectNode()
        .put("bench", "fanout")
        .put("skipped", why)
        .toPrettyString();
  }

  private static ObjectNode node(FanoutReport report) {
    var mapper = Json.mapper();
    var root = mapper.createObjectNode().put("bench", "fanout");
    root.put("contest", report.plan().contest().toString());
    root.set("machine", mapper.valueToTree(report.machine()));
    root.set("plan", plan(report.plan()));
    var rounds = root.putArray("rounds");
    for (var round : report.rounds()) {
      rounds.add(
          result(round.result()).put("side", round.side().label()).put("round", round.number()));
    }
    root.put("faultless", report.faultless());
    if (!report.plan().referenceOnly()) {
      var ratios = root.putObject("ratios");
      ratio(ratios, "deliveries_per_second", report, LoadResult::deliveriesPerSecond);
      ratio(ratios, "deliveries_per_cpu_second", report, LoadResult::deliveriesPerServerCpuSecond);
      ratio(ratios, "p50", report, result -> result.latency().p50());
      ratio(ratios, "p99", report, result -> result.latency().p99());
      Bar.list(report.bars(), root.putArray("bars"));
    }
    return root;
  }

  private static ObjectNode plan(FanoutPlan plan) {
    var load = plan.load();
    var node =
        Json.mapper()
            .createObjectNode()
            .put("subscribers", load.subscribers())
            .put("topics", load.topics())
            .put("slow_readers", load.slowReaders())
            .put("payload_bytes", load.payloadBytes())
            .put("warm_up_millis", load.warmUp().toMillis())
            .put("measured_millis", load.measured().toMillis())
            .put("rounds", plan.rounds());
    switch (load.pace()) {
      case Pace.ClosedLoop(var window) -> node.put("window", window);
      case Pace.OpenLoop(var rate) -> node.put("messages_per_second", rate);
    }
    if (plan.contest() == Contest.REFERENCE) {
      node.put("reference_jvm", String.join(" ", ReferenceProcess.JVM_ARGUMENTS));
    }
    if (!plan.referenceOnly()) {
      node.put("millrace_jvm", String.join(" ", MillraceProcess.jvmArguments(plan.jvmArguments())));
    }
    if (plan.contest() == Contest.CLUSTER) {
      node.put("broker_mode", plan.brokerMode());
    }
    return node;
  }

  private static ObjectNode result(LoadResult result) {
    var node =
        Json.mapper()
            .createObjectNode()
            .put("deliveries_per_second", result.deliveriesPerSecond())
            .put("deliveries_per_cpu_second", result.deliveriesPerServerCpuSecond())
            .put("delivered", result.delivered())
            .put("published", result.published())
            .put("seconds", result.seconds())
            .put("wire_bytes", result.wireBytes())
            .put("bytes", result.bytes())
            .put("server_cpu_seconds", result.serverCpuSeconds())
            .put("client_cpu_seconds", result.clientCpuSeconds());
    var latency = result.latency();
    node.putObject("latency_millis")
        .put("p50", latency.p50())
        .put("p90", latency.p90())
        .put("p99", latency.p99())
        .put("p999", latency.p999())
        .put("max", latency.max());
    if (result.slow().readers() > 0) {
      node.putObject("slow")
          .put("readers", result.slow().readers())
          .put("bytes", result.slow().bytes())
          .put("closed", result.slow().closed());
    }
    var faults = result.faults();
    node.putObject("faults")
        .put("lost", faults.lost())
        .put("gaps", faults.gaps())
        .put("repeated", faults.repeated())
        .put("dead", faults.dead())
        .put("complaint", faults.complaint());
    return node;
  }

  private static void ratio(
      ObjectNode ratios, String name, FanoutReport report, ToDoubleFunction<LoadResult> measure) {
    report.ratio(measure).ifPresent(ratio -> ratios.put(name, ratio));
  }
}
