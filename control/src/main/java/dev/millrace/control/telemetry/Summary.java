package dev.millrace.control.telemetry;

import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has happened since the last summary. Safe from any thread.
final class Summary {
  private static final Logger log = LoggerFactory.getLogger(Summary.class);

  /// Counts since the start of whatever counts them; by pipeline, reason, subscriber and level.
  record Totals(
      long nanos,
      Map<String, Long> events,
      Map<String, Long> errors,
      Map<String, Long> rejected,
      Map<String, Long> kills,
      Map<String, Long> busDrops,
      Map<String, Long> logDrops) {}

  // Guarded by this.
  private Totals before;
  private long lastNanos;
  private double clientNanos;
  private int peak;

  Summary(Totals atStart) {
    this.before = atStart;
    this.lastNanos = atStart.nanos;
  }

  /// So many clients were there from the last look to this one.
  synchronized void saw(int clients, long nanos) {
    if (nanos > lastNanos) { // a snapshot may have looked before a summary and come after it
      clientNanos += (double) clients * (nanos - lastNanos);
      lastNanos = nanos;
    }
    peak = Math.max(peak, clients);
  }

  /// One record at level info; the next one counts from here.
  synchronized void write(Totals now) {
    long nanos = now.nanos - before.nanos;
    log.atInfo()
        .addKeyValue("event", "telemetry_summary")
        .addKeyValue("interval_seconds", Math.round(nanos / 1e8) / 10.0)
        .addKeyValue("events", gained(now.events, before.events))
        .addKeyValue("errors", gained(now.errors, before.errors))
        .addKeyValue("rejected", gained(now.rejected, before.rejected))
        .addKeyValue("kills", gained(now.kills, before.kills))
        .addKeyValue("clients_peak", peak)
        .addKeyValue(
            "clients_average", nanos <= 0 ? 0 : Math.round(10 * clientNanos / nanos) / 10.0)
        .addKeyValue("bus_dropped", gained(now.busDrops, before.busDrops))
        .addKeyValue("log_dropped", gained(now.logDrops, before.logDrops))
        .log("Totals since the last summary");
    before = now;
    clientNanos = 0;
    peak = 0;
  }

  /// What went up, and by how much; what did not is left out.
  private static Map<String, Long> gained(Map<String, Long> now, Map<String, Long> before) {
    var gained = new TreeMap<String, Long>();
    now.forEach(
        (name, count) -> {
          long more = Rates.gained(count, before.getOrDefault(name, 0L));
          if (more > 0) {
            gained.put(name, more);
          }
        });
    return gained;
  }
}
