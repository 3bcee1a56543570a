package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphEdge;
import dev.millrace.engine.pipeline.ReplayOutcome.Reason;
import dev.millrace.engine.pipeline.ReplayOutcome.Refused;
import dev.millrace.engine.pipeline.ReplayOutcome.Replayed;
import dev.millrace.engine.provenance.Provenance;
import org.jspecify.annotations.Nullable;

/// Puts single frames in front of nodes of a pipeline that runs. Made and used while nobody can
/// pause or change the pipeline, so that no frame goes to a chain that is about to leave; `ends`
/// says that somebody stops it.
record Replaying(
    String pipeline,
    StateHolder state,
    boolean ends,
    @Nullable Assembly assembly,
    Provenance provenance,
    Tracing tracing) {

  /// Metadata of a frame that was put in once more.
  static final String REPLAYED = "replayed";

  ReplayOutcome replay(String from, String to, String trace) {
    var kept = provenance.kept(trace, from);
    return kept == null
        ? new Refused(
            Reason.UNKNOWN,
            "no frame of the trace " + trace + " that the node " + from + " made is kept")
        : replay(from, to, kept);
  }

  /// What is answered while the pipeline cannot be looked at.
  static ReplayOutcome busy(String pipeline) {
    return new Refused(
        Reason.NOT_RUNNING, "the pipeline " + pipeline + " is being paused or changed");
  }

  ReplayOutcome replay(String from, String to, Frame frame) {
    var parts = assembly;
    if (parts == null || !(state.get() instanceof PipelineState.Running)) {
      return new Refused(
          Reason.NOT_RUNNING,
          "the pipeline " + pipeline + " is " + state.get().name() + ", not running");
    }
    if (ends) {
      return new Refused(Reason.NOT_RUNNING, "the pipeline " + pipeline + " is being stopped");
    }
    var graph = parts.graph();
    int input = input(graph, from, to);
    if (input < 0) {
      return new Refused(
          Reason.UNKNOWN, "the pipeline " + pipeline + " has no edge " + from + "->" + to);
    }
    var most = graph.settings().sampleLimit();
    var objection = most == null ? null : most.objection(frame);
    if (objection != null) {
      return new Refused(Reason.BAD_FRAME, "the frame " + objection);
    }
    var node = graph.find(to).orElseThrow();
    var chain = parts.chain(node);
    if (chain.over()) {
      return new Refused(Reason.NOT_RUNNING, "the node " + to + " has ended");
    }
    var trace = Tracing.freshId();
    var marked =
        frame
            .detach()
            .withMetadata(
                frame.metadata().with(REPLAYED, "true").with(Correlation.METADATA_KEY, trace));
    tracing.begin();
    if (!chain.replay(marked, parts.stage(node), input)) {
      return new Refused(Reason.FULL, "as many replays as may wait are waiting for the node " + to);
    }
    provenance.replayed(from, to, trace, marked);
    return new Replayed(trace);
  }

  /// The number of the edge among those into its end; negative without such an edge.
  private static int input(Graph graph, String from, String to) {
    var start = graph.find(from);
    var end = graph.find(to);
    if (start.isEmpty() || end.isEmpty()) {
      return -1;
    }
    var incoming = graph.incoming(end.get());
    for (int i = 0; i < incoming.size(); i++) {
      GraphEdge edge = incoming.get(i);
      if (edge.from() == start.get().index()) {
        return i;
      }
    }
    return -1;
  }
}
