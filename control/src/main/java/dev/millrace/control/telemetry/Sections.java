package dev.millrace.control.telemetry;

import dev.millrace.core.signal.SignalBus;
import dev.millrace.hub.HubStats;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where the parts of the process are asked how they are. All are asked from virtual threads and
/// answer at once, but `feed`, which may wait for the loops. `generation` counts the configurations
/// that have been in force; `configError` is what was wrong with the last one that was refused,
/// null when none was since; `logDrops` are log records lost so far, by level.
public record Sections(
    Supplier<HubStats> hub,
    Supplier<FeedFacts> feed,
    Supplier<List<PipelineView>> pipelines,
    LongSupplier generation,
    Supplier<@Nullable String> configError,
    SignalBus bus,
    Supplier<Map<String, Long>> logDrops) {}
