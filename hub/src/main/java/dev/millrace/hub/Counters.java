package dev.millrace.hub;

import dev.millrace.core.metric.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// The hub's counters, looked up once. Safe from any thread.
final class Counters {
  final CounterDataPoint published;
  final CounterDataPoint publishedBytes;
  final CounterDataPoint duplicates;
  final CounterDataPoint deliveries;
  final CounterDataPoint deliveredBytes;
  final CounterDataPoint outboxRefused;
  final CounterDataPoint refusedInboxFull;
  final CounterDataPoint refusedTooLarge;
  final CounterDataPoint refusedTopics;
  final CounterDataPoint refusedOther;
  final CounterDataPoint refusedUnencodable;
  final CounterDataPoint forgotten;
  final CounterDataPoint recovered;
  final CounterDataPoint unrecovered;
  final CounterDataPoint presenceRefused;
  final CounterDataPoint presenceUnsent;
  final CounterDataPoint closedForLag;
  final CounterDataPoint closedForMemory;
  final CounterDataPoint closedForRewriter;
  final CounterDataPoint failedFilters;
  final CounterDataPoint unmatched;
  final CounterDataPoint framesMadeElsewhere;
  final CounterDataPoint framesNotAwaited;
  final SendTimes sendTimes;
  private final CounterDataPoint[] byPriority = new CounterDataPoint[Priority.values().length];
  private final Map<Priority, CounterDataPoint> leftOut = new EnumMap<>(Priority.class);
  private final Map<PresenceChange, CounterDataPoint> presence =
      new EnumMap<>(PresenceChange.class);

  Counters(Metrics metrics) {
    published = metrics.counter(HubMetric.PUBLISHED);
    publishedBytes = metrics.counter(HubMetric.PUBLISHED_BYTES);
    duplicates = metrics.counter(HubMetric.DUPLICATES);
    deliveries = metrics.counter(HubMetric.DELIVERIES);
    deliveredBytes = metrics.counter(HubMetric.DELIVERED_BYTES);
    outboxRefused = metrics.counter(HubMetric.OUTBOX_REFUSED);
    refusedInboxFull = metrics.counter(HubMetric.REFUSED, "inbox_full");
    refusedTooLarge = metrics.counter(HubMetric.REFUSED, "too_large");
    refusedTopics = metrics.counter(HubMetric.REFUSED, "too_many_topics");
    refusedOther = metrics.counter(HubMetric.REFUSED, "invalid");
    refusedUnencodable = metrics.counter(HubMetric.REFUSED, "unencodable");
    forgotten = metrics.counter(HubMetric.FORGOTTEN);
    recovered = metrics.counter(HubMetric.RECOVERIES, "recovered");
    unrecovered = metrics.counter(HubMetric.RECOVERIES, "lost");
    presenceRefused = metrics.counter(HubMetric.PRESENCE_REFUSED);
    presenceUnsent = metrics.counter(HubMetric.PRESENCE_UNSENT);
    closedForLag = metrics.counter(HubMetric.CLOSED, "lag");
    closedForMemory = metrics.counter(HubMetric.CLOSED, "memory");
    for (var change : PresenceChange.values()) {
      presence.put(change, metrics.counter(HubMetric.PRESENCE_EVENTS, change.lowerCase()));
    }
    closedForRewriter = metrics.counter(HubMetric.CLOSED, "rewriter");
    failedFilters = metrics.counter(HubMetric.FAILED_FILTERS);
    unmatched = metrics.counter(HubMetric.UNMATCHED);
    framesMadeElsewhere = metrics.counter(HubMetric.LATE, "made");
    framesNotAwaited = metrics.counter(HubMetric.LATE, "plain");
    sendTimes = new SendTimes(metrics);
    for (var priority : Priority.values()) {
      byPriority[priority.rank()] =
          metrics.counter(HubMetric.PUBLISHED_BY_PRIORITY, priority.lowerCase());
      if (priority.mayBeLeftOut()) {
        leftOut.put(priority, metrics.counter(HubMetric.LEFT_OUT, priority.lowerCase()));
      }
    }
  }

  void presence(PresenceChange change) {
    Objects.requireNonNull(presence.get(change)).inc();
  }

  /// Adds what was published, by rank, and begins anew.
  void published(int[] messages) {
    for (int i = 0; i < messages.length; i++) {
      if (messages[i] > 0) {
        byPriority[i].inc(messages[i]);
        messages[i] = 0;
      }
    }
  }

  void leftOut(Priority priority, long messages) {
    var counter = leftOut.get(priority);
    if (counter == null) {
      throw new IllegalArgumentException(priority + " messages are never left out");
    }
    counter.inc(messages);
  }

  long leftOut() {
    return leftOut.values().stream().mapToLong(counter -> (long) counter.get()).sum();
  }
}
