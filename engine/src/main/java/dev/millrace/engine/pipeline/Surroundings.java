package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.tap.TapHub;

/// What all parts of one run have in common, whatever becomes of its graph.
record Surroundings(
    String pipeline,
    EngineRuntime runtime,
    PipelineServices services,
    TapHub taps,
    Tracing tracing,
    ChainListener listener) {

  /// The same for nodes that are lent other things by the process.
  Surroundings lending(PipelineServices lent) {
    return new Surroundings(pipeline, runtime, lent, taps, tracing, listener);
  }
}
