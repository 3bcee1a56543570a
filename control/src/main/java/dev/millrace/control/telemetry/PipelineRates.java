package dev.millrace.control.telemetry;

import dev.millrace.control.telemetry.PipelineTick.EdgeLine;
import dev.millrace.control.telemetry.PipelineTick.NodeLine;
import dev.millrace.control.telemetry.PipelineTick.PipelineLine;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares two views of the pipelines.
final class PipelineRates {
  private final Map<Place, PipelineSnapshot.NodeLine> nodesBefore = new HashMap<>();
  private final Map<Hop, PipelineSnapshot.EdgeLine> edgesBefore = new HashMap<>();
  private final long nanos;

  private record Place(String pipeline, String node) {}

  private record Hop(String pipeline, String from, String to) {}

  /// `nanos` is the time between `before` and what will be compared with it.
  PipelineRates(List<PipelineView> before, long nanos) {
    this.nanos = nanos;
    for (var view : before) {
      view.snapshot().nodes().forEach(node -> nodesBefore.put(place(view, node.id()), node));
      view.snapshot()
          .edges()
          .forEach(edge -> edgesBefore.put(new Hop(view.name(), edge.from(), edge.to()), edge));
    }
  }

  static List<PipelineLine> lines(List<PipelineView> views, PipelineStates states) {
    return views.stream()
        .map(
            view ->
                new PipelineLine(
                    view.name(),
                    view.name(),
                    view.snapshot().state().name(),
                    states.since(view.snapshot()),
                    view.error()))
        .toList();
  }

  PipelineTick tick(long seq, Instant ts, List<PipelineView> now, PipelineStates states) {
    var nodes = new ArrayList<NodeLine>();
    var edges = new ArrayList<EdgeLine>();
    for (var view : now) {
      view.snapshot().nodes().forEach(node -> nodes.add(node(view, node)));
      addEdges(view, edges);
    }
    return new PipelineTick(seq, ts, nanos / 1_000_000, lines(now, states), nodes, edges);
  }

  /// What a pipeline's sources have emitted since the view before, per second.
  @Nullable Double eventsPerSecond(PipelineView view) {
    long gained = 0;
    for (var node : view.snapshot().nodes()) {
      if (view.sources().contains(node.id())) {
        var before = nodesBefore.get(place(view, node.id()));
        gained += Rates.gained(node.framesOut(), before == null ? 0 : before.framesOut());
      }
    }
    return Rates.perSecond(gained, nanos);
  }

  private NodeLine node(PipelineView view, PipelineSnapshot.NodeLine node) {
    var before = nodesBefore.get(place(view, node.id()));
    boolean source = view.sources().contains(node.id());
    long frames = source ? node.framesOut() : node.framesIn();
    long framesBefore = before == null ? 0 : source ? before.framesOut() : before.framesIn();
    var times = node.load().batchTimes();
    boolean timed = times.p99Micros() > 0;
    return new NodeLine(
        view.name(),
        node.id(),
        node.type(),
        node.standing().state().name().toLowerCase(Locale.ROOT),
        frames,
        Rates.perSecond(Rates.gained(frames, framesBefore), nanos),
        node.errors(),
        Rates.perSecond(Rates.gained(node.errors(), before == null ? 0 : before.errors()), nanos),
        node.rejected(),
        node.averageLatencyMicros() == 0 ? null : oneDecimal(node.averageLatencyMicros()),
        timed ? times.p50Micros() : null,
        timed ? times.p95Micros() : null,
        timed ? times.p99Micros() : null,
        percent(node.load().busy()),
        percent(node.load().blocked()),
        percent(Math.max(0, 1 - node.load().busy() - node.load().blocked())),
        node.upkeep().restarts(),
        node.upkeep().skipped(),
        node.upkeep().circuit(),
        node.trouble());
  }

  private void addEdges(PipelineView view, List<EdgeLine> edges) {
    var queues = new HashMap<Hop, PipelineSnapshot.EdgeLine>();
    for (var queue : view.snapshot().edges()) {
      queues.put(new Hop(view.name(), queue.from(), queue.to()), queue);
    }
    var senders = new HashMap<String, PipelineSnapshot.NodeLine>();
    view.snapshot().nodes().forEach(node -> senders.put(node.id(), node));
    for (var link : view.links()) {
      var queue = queues.get(new Hop(view.name(), link.from(), link.to()));
      edges.add(queue == null ? fused(view, link, senders) : queued(view, link, queue));
    }
  }

  private EdgeLine queued(
      PipelineView view, PipelineView.Link link, PipelineSnapshot.EdgeLine queue) {
    var before = edgesBefore.get(new Hop(view.name(), queue.from(), queue.to()));
    long gained = Rates.gained(queue.totalFrames(), before == null ? 0 : before.totalFrames());
    long dropped = Rates.gained(queue.droppedFrames(), before == null ? 0 : before.droppedFrames());
    return new EdgeLine(
        view.name(),
        queue.from(),
        queue.to(),
        link.branch(),
        Rates.perSecond(gained, nanos),
        null,
        queue.queuedFrames(),
        queue.capacityFrames(),
        percent(queue.fill()),
        link.strategy(),
        queue.droppedFrames(),
        Rates.perSecond(dropped, nanos));
  }

  /// Within a chain the sender has one edge out, so what it made went over it.
  private EdgeLine fused(
      PipelineView view, PipelineView.Link link, Map<String, PipelineSnapshot.NodeLine> senders) {
    var sender = senders.get(link.from());
    var before = nodesBefore.get(place(view, link.from()));
    var rate =
        sender == null
            ? null
            : Rates.perSecond(
                Rates.gained(sender.framesOut(), before == null ? 0 : before.framesOut()), nanos);
    return new EdgeLine(
        view.name(),
        link.from(),
        link.to(),
        link.branch(),
        rate,
        null,
        null,
        null,
        null,
        link.strategy(),
        0L,
        0.0);
  }

  private static Place place(PipelineView view, String node) {
    return new Place(view.name(), node);
  }

  private static double percent(double share) {
    return oneDecimal(100 * share);
  }

  private static double oneDecimal(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
