package dev.millrace.engine.graph;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// How a source's frames tell the time: what is older than the newest by `lagMs` has come, and a
/// source that is quiet for `idleTimeoutMs` holds nobody back. Milliseconds.
public record EventTime(
    @About("How far behind the newest frame others may come.")
        @Default("0")
        @Range(min = 0, max = 86_400_000)
        int lagMs,
    @About("After how long without a frame the source is left out of account.")
        @Default("60000")
        @Range(min = 1, max = 86_400_000)
        int idleTimeoutMs) {}
