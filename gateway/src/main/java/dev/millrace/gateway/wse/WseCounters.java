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
  final CounterDataPoint closedReplaced;
  final CounterDataPoint closedFailing;
  final CounterDataPoint closedKicked;
  final CounterDataPoint opened;
  final CounterDataPoint handlerErrors;
  final CounterDataPoint restored;
  final CounterDataPoint forgotten;
  final CounterDataPoint sessionTokensRestored;
  final CounterDataPoint sessionTokensUnknown;
  final CounterDataPoint sessionTokensRefused;
  final CounterDataPoint channelOpened;
  final CounterDataPoint channelRefused;
  final CounterDataPoint channelExpired;
  final CounterDataPoint snapshots;
  final CounterDataPoint snapshotFailures;
  final CounterDataPoint pings;
  final CounterDataPoint hellos;
  final CounterDataPoint subscriptions;
  final CounterDataPoint publishes;
  final CounterDataPoint requests;
  final CounterDataPoint batches;
  final CounterDataPoint syncs;
  final CounterDataPoint unknown;
  final CounterDataPoint untold;
  final CounterDataPoint malformed;
  final CounterDataPoint duplicates;
  final CounterDataPoint tooLarge;
  final CounterDataPoint limited;
  final CounterDataPoint tooLargeDressed;
  final CounterDataPoint publishRefused;
  final CounterDataPoint publishForbidden;

  private final CounterDataPoint endedByServer;
  private final CounterDataPoint endedWithGoodbye;
  private final CounterDataPoint endedUncleanly;

  WseCounters(Metrics metrics) {
    refusedOverload = metrics.counter(WseMetric.REFUSED, "overload");
    refusedCaller = metrics.counter(WseMetric.REFUSED, "caller");
    closedIdle = metrics.counter(WseMetric.CLOSED, "idle");
    closedSlow = metrics.counter(WseMetric.CLOSED, "slow");
    closedRestart = metrics.counter(WseMetric.CLOSED, "restart");
    closedLease = metrics.counter(WseMetric.CLOSED, "lease");
    closedReplaced = metrics.counter(WseMetric.CLOSED, "replaced");
    closedFailing = metrics.counter(WseMetric.CLOSED, "failing");
    closedKicked = metrics.counter(WseMetric.CLOSED, "kicked");
    opened = metrics.counter(WseMetric.OPENED);
    endedByServer = metrics.counter(WseMetric.ENDED, "server");
    endedWithGoodbye = metrics.counter(WseMetric.ENDED, "goodbye");
    endedUncleanly = metrics.counter(WseMetric.ENDED, "unclean");
    handlerErrors = metrics.counter(WseMetric.HANDLER_ERRORS);
    restored = metrics.counter(WseMetric.RESTORED);
    forgotten = metrics.counter(WseMetric.FORGOTTEN);
    sessionTokensRestored = metrics.counter(WseMetric.SESSION_TOKENS, "restored");
    sessionTokensUnknown = metrics.counter(WseMetric.SESSION_TOKENS, "nothing_kept");
    sessionTokensRefused = metrics.counter(WseMetric.SESSION_TOKENS, "refused");
    channelOpened = metrics.counter(WseMetric.CHANNEL_TOKENS, "opened");
    channelRefused = metrics.counter(WseMetric.CHANNEL_TOKENS, "refused");
    channelExpired = metrics.counter(WseMetric.CHANNEL_TOKENS, "expired");
    snapshots = metrics.counter(WseMetric.SNAPSHOTS);
    snapshotFailures = metrics.counter(WseMetric.SNAPSHOT_FAILURES);
    pings = metrics.counter(WseMetric.RECEIVED, "ping");
    hellos = metrics.counter(WseMetric.RECEIVED, "hello");
    subscriptions = metrics.counter(WseMetric.RECEIVED, "subscription");
    publishes = metrics.counter(WseMetric.RECEIVED, "publish");
    requests = metrics.counter(WseMetric.RECEIVED, "request");
    batches = metrics.counter(WseMetric.RECEIVED, "batch");
    syncs = metrics.counter(WseMetric.RECEIVED, "sync");
    untold = metrics.counter(WseMetric.DROPPED, "nobody_told");
    unknown = metrics.counter(WseMetric.RECEIVED, "unknown");
    malformed = metrics.counter(WseMetric.DROPPED, "malformed");
    duplicates = metrics.counter(WseMetric.DROPPED, "duplicate");
    tooLarge = metrics.counter(WseMetric.DROPPED, "too_large");
    tooLargeDressed = metrics.counter(WseMetric.UNSENT);
    limited = metrics.counter(WseMetric.DROPPED, "rate_limit");
    publishForbidden = metrics.counter(WseMetric.DROPPED, "publish_forbidden");
    publishRefused = metrics.counter(WseMetric.DROPPED, "publish_refused");
  }

  /// How a connection ended: the server closed it, its client said goodbye, or neither.
  CounterDataPoint ended(boolean byServer, boolean clean) {
    if (byServer) {
      return endedByServer;
    }
    return clean ? endedWithGoodbye : endedUncleanly;
  }

  /// Handlers that failed so far.
  long failures() {
    return (long) handlerErrors.get();
  }
}
