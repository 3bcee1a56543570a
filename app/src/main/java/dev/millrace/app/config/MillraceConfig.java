package dev.millrace.app.config;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.hub.HubSpec;
import java.util.List;

/// Everything a process can be told. The keys of `millrace.yaml`, the reference page and the JSON
/// Schema are this record.
public record MillraceConfig(
    @About("The process: address, port, files, stopping, and what it grants its peers.")
        ServerSpec server,
    @About("Topics and their subscribers.") HubSpec hub,
    @About("The threads that run graphs.") EngineSpec engine,
    @About("What is logged.") LoggingSpec logging,
    @About("The pipelines this process runs.") List<PipelineSpec> pipelines,
    @About("Treat unknown keys as errors.") @Default("false") boolean strictConfig) {}
