package dev.millrace.engine.pipeline;

import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.provenance.Provenance;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.tap.TapHub;
import java.util.Optional;
import java.util.function.Supplier;

/// What all parts of one run have in common, whatever becomes of its graph. There are checkpoints
/// from its start on, or never.
record Surroundings(
    String pipeline,
    EngineRuntime runtime,
    PipelineServices services,
    TapHub taps,
    Tracing tracing,
    Provenance provenance,
    ChainListener listener,
    Supplier<Optional<CheckpointCoordinator>> checkpoints) {

  /// The same for nodes that are lent other things by the process.
  Surroundings lending(PipelineServices lent) {
    return new Surroundings(
        pipeline, runtime, lent, taps, tracing, provenance, listener, checkpoints);
  }
}
