package dev.millrace.engine.pipeline;

import dev.millrace.core.signal.Signal;

/// A pipeline went from one state to another.
public record PipelineStateChanged(
    String pipeline, PipelineState from, PipelineState to, long epochMicros) implements Signal {}
