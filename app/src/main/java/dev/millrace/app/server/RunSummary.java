package dev.millrace.app.server;

import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeType;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.hub.TopicStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// What a server has done so far, for people and for machines.
public record RunSummary(
    List<PipelineFigures> pipelines, List<TopicStats> topics, long published, long sessions) {

  /// One pipeline; `eventsRead` is what its sources emitted.
  public record PipelineFigures(
      PipelineSnapshot snapshot, long eventsRead, Optional<String> trouble) {}

  public static RunSummary of(Server server) {
    var stats = server.hub().stats();
    return new RunSummary(
        server.pipelines().stream().map(RunSummary::figures).toList(),
        server.hub().topics(),
        stats.published(),
        stats.sessions());
  }

  public long eventsRead() {
    return pipelines.stream().mapToLong(PipelineFigures::eventsRead).sum();
  }

  /// The first trouble of any pipeline, in its own words.
  public Optional<String> trouble() {
    return pipelines.stream().map(PipelineFigures::trouble).flatMap(Optional::stream).findFirst();
  }

  /// `{"pipelines": {name: {"state", "nodes": {id: {…}}}}, "topics": {name: {"messages", …}}}`.
  public ObjectNode json() {
    var json = Json.mapper().createObjectNode();
    var all = json.putObject("pipelines");
    for (var pipeline : pipelines) {
      var snapshot = pipeline.snapshot();
      var one = all.putObject(snapshot.name()).put("state", snapshot.state().name());
      one.put("events_read", pipeline.eventsRead());
      var nodes = one.putObject("nodes");
      for (var line : snapshot.nodes()) {
        nodes
            .putObject(line.id())
            .put("type", line.type())
            .put("frames_in", line.framesIn())
            .put("frames_out", line.framesOut())
            .put("errors", line.errors())
            .put("rejected", line.rejected());
      }
    }
    var named = json.putObject("topics");
    for (var topic : topics) {
      named
          .putObject(topic.name())
          .put("messages", topic.messages())
          .put("payload_bytes", topic.payloadBytes());
    }
    return json;
  }

  /// A few lines, each ended.
  public String text() {
    var lines = new ArrayList<String>();
    for (var pipeline : pipelines) {
      var snapshot = pipeline.snapshot();
      lines.add(
          String.format(
              Locale.ROOT,
              "%s: %,d events read in %.1f s, %s",
              snapshot.name(),
              pipeline.eventsRead(),
              snapshot.uptime().toMillis() / 1e3,
              snapshot.state().name().toLowerCase(Locale.ROOT)));
      int widest = snapshot.nodes().stream().mapToInt(line -> line.id().length()).max().orElse(0);
      for (var line : snapshot.nodes()) {
        lines.add(row(line, widest));
      }
    }
    for (var topic : topics) {
      lines.add(
          String.format(Locale.ROOT, "topic %s: %,d messages", topic.name(), topic.messages()));
    }
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private static String row(PipelineSnapshot.NodeLine line, int widest) {
    var row = new StringBuilder();
    row.append(
        String.format(
            Locale.ROOT,
            "  %-" + Math.max(1, widest) + "s  %,12d in  %,12d out",
            line.id(),
            line.framesIn(),
            line.framesOut()));
    if (line.rejected() > 0) {
      row.append(String.format(Locale.ROOT, "  %,d refused", line.rejected()));
    }
    if (line.errors() > 0) {
      row.append(String.format(Locale.ROOT, "  %,d errors", line.errors()));
    }
    if (line.trouble() != null) {
      row.append("  ").append(line.trouble());
    }
    return row.toString();
  }

  static PipelineFigures figures(Pipeline pipeline) {
    var snapshot = pipeline.snapshot();
    long read = 0;
    var nodes = pipeline.graph().nodes();
    for (int i = 0; i < snapshot.nodes().size(); i++) {
      if (nodes.get(i).type().role() == NodeType.Role.SOURCE) {
        read += snapshot.nodes().get(i).framesOut();
      }
    }
    var troubles = pipeline.health().troubles();
    return new PipelineFigures(
        snapshot,
        read,
        troubles.isEmpty()
            ? Optional.empty()
            : Optional.of(troubles.getFirst().node() + ": " + troubles.getFirst().sentence()));
  }
}
