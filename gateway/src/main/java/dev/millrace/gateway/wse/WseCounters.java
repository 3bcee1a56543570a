package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;

/// The dialect's counters, looked up once. Safe from any thread.
final class WseCounters {
  final CounterDataPoint refusedOverload;
  final CounterDataPoint refusedCaller;
  final CounterDataPoint closedIdle;
  final CounterDataPoint closedSlow;
  final CounterDataPoint closedRestart;
  final CounterDataPoint closedLease;
  final CounterDataPoint pings;
  final CounterDataPoint hellos;
  final CounterDataPoint subscriptions;
  final CounterDataPoint publishes;
  final CounterDataPoint unknown;
  final CounterDataPoint malformed;
  final CounterDataPoint duplicates;
  final CounterDataPoint tooLarge;
  final CounterDataPoint limited;
  final CounterDataPoint publishRefused;
  final CounterDataPoint publishForbidden;

  WseCounters(Metrics metrics) {
    refusedOverload = metrics.counter(WseMetric.REFUSED, "overload");
    refusedCaller = metrics.counter(WseMetric.REFUSED, "caller");
    closedIdle = metrics.counter(WseMetric.CLOSED, "idle");
    closedSlow = metrics.counter(WseMetric.CLOSED, "slow");
    closedRestart = metrics.counter(WseMetric.CLOSED, "restart");
    closedLease = metrics.counter(WseMetric.CLOSED, "lease");
    pings = metrics.counter(WseMetric.RECEIVED, "ping");
    hellos = metrics.counter(WseMetric.RECEIVED, "hello");
    subscriptions = metrics.counter(WseMetric.RECEIVED, "subscription");
    publishes = metrics.counter(WseMetric.RECEIVED, "publish");
    unknown = metrics.counter(WseMetric.RECEIVED, "unknown");
    malformed = metrics.counter(WseMetric.DROPPED, "malformed");
    duplicates = metrics.counter(WseMetric.DROPPED, "duplicate");
    tooLarge = metrics.counter(WseMetric.DROPPED, "too_large");
    limited = metrics.counter(WseMetric.DROPPED, "rate_limit");
    publishForbidden = metrics.counter(WseMetric.DROPPED, "publish_forbidden");
    publishRefused = metrics.counter(WseMetric.DROPPED, "publish_refused");
  }
}
