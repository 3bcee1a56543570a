package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Processor;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.provenance.Provenance;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a stage does about frames that bear trace ids: handles each under its id, and notes what
/// becomes of it. Confined to the thread that runs the stage.
final class Fate {
  private final String node;
  private final @Nullable Provenance provenance;
  private final TraceLines lines;
  private final Clock clock;

  // Of a frame since the last end of a batch, so that what is done for the whole batch bears it.
  private @Nullable String inBatch;

  Fate(String node, Tracing tracing, Clock clock) {
    this.node = node;
    this.provenance = tracing.provenance();
    this.lines = new TraceLines(tracing.pipeline(), node);
    this.clock = clock;
  }

  TraceLines lines() {
    return lines;
  }

  /// What the node makes of a traced frame inherits the frame's id.
  void process(Processor processor, Frame frame, Collector out) throws Exception {
    var traced = Objects.requireNonNull(Traces.idOf(frame));
    inBatch = traced;
    var _ =
        Correlation.call(
            traced,
            () -> {
              long start = clock.nanoTime();
              processor.process(frame, out);
              lines.handled(traced, frame, (clock.nanoTime() - start) / 1_000);
              return true;
            });
    out.trace(out.callStart(), out.size(), traced);
    if (provenance != null) {
      provenance.processed(
          node, traced, frame, out.frames(), out.branches(), out.callStart(), out.size());
    }
  }

  /// The batch ends: the id of a frame in it, null without one.
  @Nullable String endBatch() {
    var traced = inBatch;
    inBatch = null;
    return traced;
  }

  /// The frame is gone because of `cause`.
  void dropped(Frame frame, String reason, Throwable cause) {
    var word = cause instanceof SampleLimit.TooMany ? "limit" : reason;
    dropped(frame, word + ": " + DeadLetters.sentence(cause));
  }

  void dropped(Frame frame, String why) {
    var traced = traced(frame);
    if (provenance != null && traced != null) {
      provenance.dropped(node, null, traced, frame, why);
    }
  }

  /// Something else went on in its place.
  void replaced(Frame frame, String why) {
    var traced = traced(frame);
    if (provenance != null && traced != null) {
      provenance.replaced(node, traced, frame, why);
    }
  }

  void deadLettered(Frame frame, String why) {
    var traced = traced(frame);
    if (provenance != null && traced != null) {
      provenance.deadLettered(node, traced, frame, why);
    }
  }

  private @Nullable String traced(Frame frame) {
    return provenance == null ? null : Traces.idOf(frame);
  }
}
