package dev.millrace.control.pipeline;

import dev.millrace.core.json.Json;
import dev.millrace.engine.pipeline.PipelineState;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// How one pipeline of the set is. `paused` says that an operator holds it, or all of them;
/// `reason` is the label of the last [Reason]. `healthy` means that it does what it should, which
/// for one that is held or waits to be started is nothing; `trouble` is what keeps it from that.
public record PipelineStatus(
    String name,
    PipelineState state,
    String reason,
    boolean paused,
    boolean autostart,
    boolean healthy,
    @Nullable String trouble) {

  static PipelineStatus of(Slot.View view, boolean allPaused) {
    var pipeline = view.run().pipeline();
    var health = pipeline.health();
    boolean held = view.paused() || allPaused;
    boolean atRest =
        held
            || health.state() instanceof PipelineState.Paused
            || (view.run().idle() && !view.wanted());
    String trouble = null;
    if (health.state() instanceof PipelineState.Error(var message, var recoverable)) {
      trouble = message;
    } else if (!health.troubles().isEmpty()) {
      trouble =
          health.troubles().getFirst().node() + ": " + health.troubles().getFirst().sentence();
    }
    return new PipelineStatus(
        pipeline.name(),
        health.state(),
        view.reasonNow().label(),
        held,
        view.declared().autostart(),
        atRest || health.healthy(),
        trouble);
  }

  /// As answers show it.
  public ObjectNode toJson() {
    return Json.mapper()
        .createObjectNode()
        .put("pipeline", name)
        .put("state", state.name())
        .put("reason", reason)
        .put("admin_paused", paused)
        .put("autostart", autostart)
        .put("trouble", trouble);
  }
}
