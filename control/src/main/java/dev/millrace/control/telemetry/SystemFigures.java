package dev.millrace.control.telemetry;

import org.jspecify.annotations.Nullable;

/// The machine and the virtual machine. What the platform cannot say is null, never 0.
///
/// Both shares of the processor are in percent of the whole machine, so 100 is every core busy.
/// `threads` are platform threads; virtual threads are not among them. `gcPauseMs` is the time the
/// collector stopped the program in this interval. `clockStepMs` is how much further the wall clock
/// went in it than time did: near 0 unless somebody set it.
public record SystemFigures(
    @Nullable Double cpuProcessPct,
    @Nullable Double cpuSystemPct,
    @Nullable Long rssBytes,
    long heapUsedBytes,
    @Nullable Long heapMaxBytes,
    int threads,
    @Nullable Long openFds,
    @Nullable Long gcPauseMs,
    @Nullable Double clockStepMs) {}
