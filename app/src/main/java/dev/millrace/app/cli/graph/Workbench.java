package dev.millrace.app.cli.graph;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.pipeline.PipelineServices;
import java.nio.file.Path;

/// What a graph is lent that runs without a server. Paths in it start from `dataDirectory`.
record Workbench(SystemClock clock, Metrics metrics, SignalBus signals, Path dataDirectory)
    implements AutoCloseable {
  private static final int SIGNALS = 1_024; // that may wait for a listener; there is none

  static Workbench in(Path dataDirectory) {
    var clock = new SystemClock();
    var metrics = new Metrics();
    return new Workbench(clock, metrics, new SignalBus(SIGNALS, clock, metrics), dataDirectory);
  }

  PipelineServices services() {
    return new PipelineServices(metrics, signals, dataDirectory, true);
  }

  @Override
  public void close() {
    signals.close();
    clock.close();
  }
}
