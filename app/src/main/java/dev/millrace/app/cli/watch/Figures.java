package dev.millrace.app.cli.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A server as two samples of it tell: what is, and what flowed in between. `feed` is null where it
/// said nothing of its topics.
public record Figures(List<PipelineRow> pipelines, int more, @Nullable FeedFigures feed) {

  /// `in` is what its sources have made, `out` what its last nodes were given, both per second and
  /// NaN where there is nothing to compare with.
  public record PipelineRow(
      String name,
      String state,
      double uptimeSeconds,
      double in,
      double out,
      long errors,
      long dropped,
      String trouble,
      List<NodeRow> nodes) {}

  /// Rates per second, times in microseconds per batch. `queued` and `capacity` are of the fullest
  /// queue into the node, capacity 0 where there is none; `dropped` is of all of them.
  /// `fused` nodes get their frames without one. What a source takes in and a sink gives out is
  /// NaN.
  public record NodeRow(
      String id,
      String type,
      String state,
      double in,
      double out,
      long errors,
      double busyPercent,
      double blockedPercent,
      double p50Micros,
      double p99Micros,
      long queued,
      long capacity,
      long dropped,
      boolean fused,
      String trouble) {

    /// From 0 to 1.
    public double fill() {
      return capacity == 0 ? 0 : (double) queued / capacity;
    }
  }

  public Figures {
    pipelines = List.copyOf(pipelines);
  }

  public static Figures between(Sample before, Sample now) {
    var earlier = new HashMap<String, JsonNode>();
    before.pipelines().forEach(one -> earlier.put(one.path("name").asString(""), one));
    double seconds = (now.nanos() - before.nanos()) / 1e9;
    var rows = new ArrayList<PipelineRow>();
    for (var one : now.pipelines()) {
      rows.add(row(one, earlier.get(one.path("name").asString("")), seconds));
    }
    return new Figures(rows, now.more(), FeedFigures.between(before, now));
  }

  private static PipelineRow row(JsonNode now, @Nullable JsonNode before, double seconds) {
    var earlier = new HashMap<String, JsonNode>();
    // After a restart everything begins at 0 again, and nothing can be compared.
    if (before != null && number(before, "uptime_seconds") <= number(now, "uptime_seconds")) {
      before.path("nodes").forEach(node -> earlier.put(node.path("id").asString(""), node));
    }
    var queues = queues(now);
    var nodes = new ArrayList<NodeRow>();
    double in = 0;
    double out = 0;
    long errors = 0;
    long dropped = 0;
    for (var node : now.path("nodes")) {
      var id = node.path("id").asString("");
      var made = node(node, earlier.get(id), seconds, queues.getOrDefault(id, Queue.NONE));
      nodes.add(made);
      switch (node.path("role").asString("")) {
        case "source" -> in += made.out();
        case "sink" -> out += made.in();
        default -> {}
      }
      errors += made.errors();
      dropped += made.dropped();
    }
    return new PipelineRow(
        now.path("name").asString(""),
        now.path("state").asString(""),
        number(now, "uptime_seconds"),
        in,
        out,
        errors,
        dropped,
        now.path("trouble").asString(""),
        List.copyOf(nodes));
  }

  private static NodeRow node(
      JsonNode now, @Nullable JsonNode before, double seconds, Queue queue) {
    var role = now.path("role").asString("");
    return new NodeRow(
        now.path("id").asString(""),
        now.path("type").asString(""),
        now.path("state").asString(""),
        role.equals("source") ? Double.NaN : rate(now, before, "frames_in", seconds),
        role.equals("sink") ? Double.NaN : rate(now, before, "frames_out", seconds),
        now.path("errors").asLong(0),
        number(now, "busy_pct"),
        number(now, "blocked_pct"),
        number(now, "p50_us"),
        number(now, "p99_us"),
        queue.queued(),
        queue.capacity(),
        queue.dropped(),
        queue.edges() > 0 && queue.capacity() == 0,
        now.path("trouble").asString(""));
  }

  /// What is known of the edges into a node.
  private record Queue(int edges, long queued, long capacity, long dropped) {
    static final Queue NONE = new Queue(0, 0, 0, 0);

    Queue and(Queue other) {
      boolean fuller =
          capacity == 0 || (double) other.queued * capacity > (double) queued * other.capacity;
      boolean take = fuller && other.capacity > 0;
      return new Queue(
          edges + other.edges,
          take ? other.queued : queued,
          take ? other.capacity : capacity,
          dropped + other.dropped);
    }
  }

  private static Map<String, Queue> queues(JsonNode pipeline) {
    var queues = new HashMap<String, Queue>();
    for (var edge : pipeline.path("edges")) {
      var queue =
          new Queue(
              1,
              edge.path("queued").asLong(0),
              edge.path("capacity").asLong(0),
              edge.path("dropped").asLong(0));
      queues.merge(edge.path("to").asString(""), queue, Queue::and);
    }
    return queues;
  }

  private static double rate(
      JsonNode now, @Nullable JsonNode before, String field, double seconds) {
    if (before == null || seconds <= 0 || !now.has(field)) {
      return Double.NaN;
    }
    return Math.max(0, now.path(field).asLong(0) - before.path(field).asLong(0)) / seconds;
  }

  private static double number(JsonNode node, String field) {
    return node.path(field).asDouble(0);
  }
}
