package dev.millrace.app.server;

import dev.millrace.control.log.LogService;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.SystemClock;

/// What is there before any configuration is read, and after the server has gone: time, counters
/// and logs.
public record Foundation(SystemClock clock, Metrics metrics, LogService logs)
    implements AutoCloseable {

  /// Takes over the logging of the process.
  public static Foundation lay() {
    var clock = new SystemClock();
    var metrics = new Metrics();
    return new Foundation(clock, metrics, LogService.bootstrap(clock, metrics));
  }

  /// For a server inside somebody else's process, whose logging stays as it is: what the server
  /// logs goes wherever that sends it.
  public static Foundation beside() {
    var clock = new SystemClock();
    var metrics = new Metrics();
    return new Foundation(clock, metrics, LogService.detached(clock, metrics));
  }

  @Override
  public void close() {
    logs.close();
    clock.close();
  }
}
