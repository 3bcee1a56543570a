package dev.millrace.control.pipeline;

import dev.millrace.control.command.CommandResult;
import dev.millrace.control.command.CommandResult.Done;
import dev.millrace.control.command.CommandResult.Failed;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.api.ProblemJson;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Puts frames from outside into pipelines. Whichever way they come, they are data: counted, and
/// not in the audit trail. A frame bears the id of the request that brought it as
/// its trace id, unless it has one. Safe from any thread.
final class Triggers {
  private final PipelineSet set;
  private final Clock clock;
  private final Duration patience;

  /// `patience` is how long a trigger may wait for room.
  Triggers(PipelineSet set, Clock clock, Duration patience) {
    this.set = set;
    this.clock = clock;
    this.patience = patience;
  }

  /// `json` is the frame; empty means an empty frame of now. It goes into the entry `node`, or into
  /// all of them.
  CommandResult trigger(
      String name, @Nullable String node, byte[] json, boolean waits, String requestId)
      throws InterruptedException {
    var result = attempt(name, node, json, waits, requestId);
    var outcome =
        switch (result) {
          case Done _ -> "accepted";
          case Failed(int status, var _, var _, var _) ->
              status == 429 || status == 503 ? "full" : "refused";
        };
    set.runs().metrics().counter(PipelineMetric.TRIGGERS, outcome).inc();
    return result;
  }

  private CommandResult attempt(
      String name, @Nullable String node, byte[] json, boolean waits, String requestId)
      throws InterruptedException {
    var found = set.find(name);
    if (found.isEmpty()) {
      return PipelineCommands.unknown(name, set.suggestion(name).orElse(null));
    }
    var pipeline = found.get();
    if (node != null && pipeline.graph().find(node).isEmpty()) {
      return Failed.of(404, "UNKNOWN_NODE", "the pipeline " + name + " has no node of that id");
    }
    Frame frame;
    try {
      frame = json.length == 0 ? Frame.trigger(clock.epochMicros(), 0) : FrameJson.read(json);
    } catch (ProblemException broken) {
      return badFrame(broken.problem());
    }
    if (!frame.metadata().entries().containsKey(Correlation.METADATA_KEY)) {
      frame = frame.withMetadata(frame.metadata().with(Correlation.METADATA_KEY, requestId));
    }
    try {
      return put(pipeline, node, frame, waits) ? accepted(frame) : full(pipeline);
    } catch (ProblemException refused) {
      var problem = refused.problem();
      if (problem.code().equals(Pipeline.TOO_LARGE)) {
        return badFrame(problem);
      }
      var details = Json.mapper().createObjectNode().put("fix", problem.fix());
      return new Failed(409, "NOT_TAKEN", problem.what(), details);
    }
  }

  private boolean put(Pipeline pipeline, @Nullable String node, Frame frame, boolean waits)
      throws ProblemException, InterruptedException {
    if (!waits) {
      return node == null ? pipeline.offer(frame) : pipeline.offer(frame, node);
    }
    var thread = Thread.currentThread();
    var late = new AtomicBoolean(); // the clock's thread sets it before it interrupts
    var timer =
        clock.after(
            patience,
            () -> {
              late.set(true);
              thread.interrupt();
            });
    try {
      if (node == null) {
        pipeline.trigger(frame);
      } else {
        pipeline.trigger(frame, node);
      }
      return true;
    } catch (InterruptedException interrupted) {
      if (late.get()) {
        return false;
      }
      throw interrupted;
    } finally {
      timer.cancel();
      if (late.get()) {
        var _ = Thread.interrupted(); // it was meant for the wait alone
      }
    }
  }

  private static Failed badFrame(Problem problem) {
    var details = Json.mapper().createObjectNode();
    details.set("errors", ProblemJson.of(List.of(problem)));
    return new Failed(422, "BAD_FRAME", problem.what(), details);
  }

  private static Done accepted(Frame frame) {
    var id = frame.metadata().entries().get(Correlation.METADATA_KEY);
    return new Done(
        true,
        Json.mapper()
            .createObjectNode()
            .put("applied", true)
            .put("accepted", 1)
            .put("trace_id", id));
  }

  private static Failed full(Pipeline pipeline) {
    return pipeline.state() instanceof PipelineState.Paused
        ? Failed.of(503, "PAUSED", "the pipeline is paused; resume it, or try again later")
        : Failed.of(429, "QUEUE_FULL", "the pipeline has no room for a frame; try again soon");
  }
}
