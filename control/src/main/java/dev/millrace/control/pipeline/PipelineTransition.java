package dev.millrace.control.pipeline;

import dev.millrace.core.signal.Signal;

/// A pipeline began or ended a run, and why: `state` and `previous` are names of
/// [dev.millrace.engine.pipeline.PipelineState], `reason` the label of a [Reason].
public record PipelineTransition(String id, String state, String previous, String reason)
    implements Signal {}
