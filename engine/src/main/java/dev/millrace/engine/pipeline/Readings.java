package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.flow.SupervisionStats.Event;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.PipelineSnapshot.EdgeLine;
import dev.millrace.engine.pipeline.PipelineSnapshot.EventTime;
import dev.millrace.engine.pipeline.PipelineSnapshot.Load;
import dev.millrace.engine.pipeline.PipelineSnapshot.NodeLine;
import dev.millrace.engine.pipeline.PipelineSnapshot.Standing;
import dev.millrace.engine.pipeline.PipelineSnapshot.Upkeep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads what operators see off the parts of a run. From any thread; nothing that runs waits for
/// it.
final class Readings {
  private final Graph graph;
  private final Assembly parts;
  private final Clock clock;

  Readings(Graph graph, Assembly parts, Clock clock) {
    this.graph = graph;
    this.parts = parts;
    this.clock = clock;
  }

  /// In document order.
  List<NodeLine> nodes() {
    var lines = new ArrayList<NodeLine>();
    for (var node : graph.nodes()) {
      var stats = parts.stage(node).stats();
      var context = parts.context(node);
      var chain = parts.chain(node);
      var activity = chain.activity();
      lines.add(
          new NodeLine(
              node.id(),
              node.type().name(),
              stats.framesIn(),
              stats.framesOut(),
              stats.errors(),
              context.rejectedCount(),
              stats.averageLatencyMicros(),
              context.trouble(),
              standing(context, chain, activity.working(), activity.sinceNanos()),
              new Load(activity.busy(), activity.blocked(), stats.batchTimes().quantiles()),
              upkeep(parts.stage(node)),
              workers(parts.stage(node)),
              parts.isTimed(node) ? eventTime(parts.stage(node)) : null));
    }
    return lines;
  }

  private static int workers(Stage stage) {
    var group = stage.group();
    return group == null ? 1 : group.size();
  }

  private EventTime eventTime(Stage stage) {
    long micros = stage.watermarkMicros();
    var source = stage.eventTime();
    var late = source == null ? null : source.lateFrames();
    return micros == NodeContext.NO_WATERMARK
        ? new EventTime(null, null, late)
        : new EventTime(micros, clock.epochMicros() - micros, late);
  }

  private static Upkeep upkeep(Stage stage) {
    var stats = stage.supervisionStats();
    var circuit = stage.circuit();
    return stats == null
        ? Upkeep.NONE
        : new Upkeep(
            stats.of(Event.RETRY),
            stats.of(Event.RESTART),
            stats.of(Event.SKIP),
            stats.of(Event.DEFAULT),
            stats.of(Event.REJECTION),
            stats.of(Event.DEAD_LETTER),
            circuit == null ? null : circuit.label());
  }

  List<EdgeLine> edges() {
    var lines = new ArrayList<EdgeLine>();
    for (var link : parts.links()) {
      var channel = link.channel();
      lines.add(
          new EdgeLine(
              link.from(),
              link.to(),
              channel.queuedFrames(),
              channel.capacity(),
              channel.totalFrames(),
              channel.droppedFrames()));
    }
    return lines;
  }

  /// By node, in document order.
  Map<String, NodeMetrics> metrics() {
    var counts = new LinkedHashMap<String, NodeMetrics>();
    for (var node : graph.nodes()) {
      counts.put(node.id(), NodeMetrics.of(node, parts.stage(node).stats()));
    }
    return counts;
  }

  List<PipelineHealth.Trouble> troubles() {
    var troubles = new ArrayList<PipelineHealth.Trouble>();
    for (var node : graph.nodes()) {
      var sentence = parts.context(node).trouble();
      if (sentence != null) {
        troubles.add(new PipelineHealth.Trouble(node.id(), sentence));
      }
    }
    return troubles;
  }

  /// What the node `id` keeps for readers.
  Optional<List<Frame>> collected(String id) {
    for (var node : graph.nodes()) {
      if (node.id().equals(id) && parts.stage(node).node() instanceof ReadableSink sink) {
        return Optional.of(sink.frames());
      }
    }
    return Optional.empty();
  }

  private Standing standing(RunningNode context, Chain chain, boolean working, long sinceNanos) {
    var failed = context.failed();
    if (failed != null) {
      return new Standing(NodeState.FAILED, failed.epochMicros(), failed.sentence());
    }
    var state = chain.over() ? NodeState.ENDED : working ? NodeState.RUNNING : NodeState.WAITING;
    long agoMicros = (clock.nanoTime() - sinceNanos) / 1_000;
    return new Standing(state, clock.epochMicros() - agoMicros, null);
  }
}
