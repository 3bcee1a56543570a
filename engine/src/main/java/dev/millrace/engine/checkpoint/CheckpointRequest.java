package dev.millrace.engine.checkpoint;

/// A checkpoint under way. Sources take its barrier between two steps; of the `last` one of a run
/// only once they have handed out everything.
public record CheckpointRequest(long id, boolean last) {}
