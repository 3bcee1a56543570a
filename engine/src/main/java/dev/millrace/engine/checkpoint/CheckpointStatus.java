package dev.millrace.engine.checkpoint;

import org.jspecify.annotations.Nullable;

/// How a run's checkpoints fare: the time (microseconds since the Unix epoch) and bytes of the
/// newest that is on the disk, 0 before there is one, and how long ago that was; how many this run
/// has written, how many failed, and why the last one did if none has been written since.
public record CheckpointStatus(
    long lastMicros,
    long ageMicros,
    long bytes,
    long written,
    long failed,
    @Nullable String trouble) {}
