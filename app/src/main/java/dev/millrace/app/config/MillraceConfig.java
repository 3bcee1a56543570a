package dev.millrace.app.config;

import dev.millrace.connect.redis.ClusterSpec;
import dev.millrace.control.audit.AuditSpec;
import dev.millrace.control.log.LogSpec;
import dev.millrace.control.telemetry.TelemetrySpec;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.gateway.auth.AuthSpec;
import dev.millrace.hub.HubSpec;
import java.util.List;

/// Everything a process can be told. The keys of `millrace.yaml`, the reference page and the JSON
/// Schema are this record.
public record MillraceConfig(
    @About("The process: address, port, files, stopping, and what it grants its peers.")
        ServerSpec server,
    @About("Who is let in. Without tokens and keys the server listens on loopback only.")
        AuthSpec auth,
    @About("Topics and their subscribers.") HubSpec hub,
    @About("Other instances, and the Redis they share.") ClusterSpec cluster,
    @About("The threads that run graphs.") EngineSpec engine,
    @About("What is logged.") LogSpec logging,
    @SameLevel TelemetrySpec telemetryKeys,
    @About("What /metrics shows.") MetricsSpec metrics,
    @About("The bus between the parts of the process.") Sysbus sysbus,
    @About("The trail of commands, on disk.") AuditSpec audit,
    @About("The pipelines this process runs.") List<PipelineSpec> pipelines,
    @About("Treat unknown keys as errors.") @Default("false") boolean strictConfig) {

  /// The section `sysbus`.
  public record Sysbus(
      @About("Events that may wait for one part of the process; further ones it misses.")
          @OnRestart
          @Default("1024")
          @Range(min = 1, max = 1_000_000)
          int capacity) {}
}
