package dev.millrace.app.cli.watch;

import dev.millrace.core.json.Json;
import tools.jackson.databind.node.ObjectNode;

/// Figures for a machine: the same names as the server's own answers, and the rates. What is not
/// known is `null`.
public final class FiguresJson {
  private FiguresJson() {}

  public static ObjectNode of(Figures figures) {
    var json = Json.mapper().createObjectNode();
    var pipelines = json.putArray("pipelines");
    for (var pipeline : figures.pipelines()) {
      var row =
          pipelines
              .addObject()
              .put("name", pipeline.name())
              .put("state", pipeline.state())
              .put("uptime_seconds", pipeline.uptimeSeconds());
      rate(row, "in_per_second", pipeline.in());
      rate(row, "out_per_second", pipeline.out());
      row.put("errors", pipeline.errors()).put("dropped", pipeline.dropped());
      text(row, pipeline.trouble());
      var nodes = row.putArray("nodes");
      pipeline.nodes().forEach(node -> node(nodes.addObject(), node));
    }
    json.put("more", figures.more());
    var feed = figures.feed();
    if (feed != null) {
      feed(json.putObject("feed"), feed);
    }
    return json;
  }

  private static void feed(ObjectNode row, FeedFigures feed) {
    row.put("topics", feed.topics()).put("sessions", feed.sessions());
    rate(row, "in_per_second", feed.in());
    rate(row, "out_per_second", feed.out());
    var behind = row.put("left_out", feed.leftOut()).putArray("behind");
    for (var one : feed.behind()) {
      behind
          .addObject()
          .put("id", one.id())
          .put("user", one.user().isEmpty() ? null : one.user())
          .put("state", one.state())
          .put("depth", one.depth());
    }
  }

  private static void node(ObjectNode row, Figures.NodeRow node) {
    row.put("id", node.id()).put("type", node.type()).put("state", node.state());
    rate(row, "in_per_second", node.in());
    rate(row, "out_per_second", node.out());
    row.put("errors", node.errors())
        .put("busy_pct", node.busyPercent())
        .put("blocked_pct", node.blockedPercent())
        .put("p50_us", node.p50Micros())
        .put("p99_us", node.p99Micros());
    if (node.capacity() > 0) {
      row.put("queued", node.queued())
          .put("capacity", node.capacity())
          .put("dropped", node.dropped());
    }
    text(row, node.trouble());
  }

  private static void rate(ObjectNode row, String name, double perSecond) {
    if (Double.isNaN(perSecond)) {
      row.putNull(name);
    } else {
      row.put(name, Math.round(perSecond * 10) / 10.0);
    }
  }

  private static void text(ObjectNode row, String trouble) {
    if (trouble.isEmpty()) {
      row.putNull("trouble");
    } else {
      row.put("trouble", trouble);
    }
  }
}
