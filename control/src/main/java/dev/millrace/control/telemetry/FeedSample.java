package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metrics;
import dev.millrace.gateway.wse.WseMetric;
import dev.millrace.hub.HubMetric;
import dev.millrace.hub.Priority;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The hub and its connections at one moment; counts are since the start. `disconnects` are by
/// reason: those the hub and the dialect decided on, a client's goodbye, and connections that were
/// just gone. `published` is by priority.
record FeedSample(
    HubSample hub,
    FeedFacts facts,
    long opened,
    Map<String, Long> disconnects,
    Map<String, Long> published,
    long recovered,
    long unrecovered) {
  private static final List<String> CLOSE_REASONS =
      List.of("idle", "slow", "restart", "lease", "replaced", "failing", "kicked");
  private static final List<String> END_REASONS = List.of("goodbye", "unclean");

  static FeedSample of(Sections sections, Metrics metrics) {
    var hub = HubSample.of(sections.hub().get(), metrics);
    var disconnects = new TreeMap<>(hub.closed());
    for (var reason : CLOSE_REASONS) {
      add(disconnects, reason, metrics.count(WseMetric.CLOSED, reason));
    }
    for (var reason : END_REASONS) {
      add(disconnects, reason, metrics.count(WseMetric.ENDED, reason));
    }
    var published = new TreeMap<String, Long>();
    for (var priority : Priority.values()) {
      var name = priority.lowerCase();
      published.put(name, (long) metrics.count(HubMetric.PUBLISHED_BY_PRIORITY, name));
    }
    return new FeedSample(
        hub,
        sections.feed().get(),
        (long) metrics.count(WseMetric.OPENED),
        disconnects,
        published,
        (long) metrics.count(HubMetric.RECOVERIES, "recovered"),
        (long) metrics.count(HubMetric.RECOVERIES, "lost"));
  }

  private static void add(Map<String, Long> counts, String reason, double count) {
    if (count > 0) {
      counts.merge(reason, (long) count, Long::sum);
    }
  }
}
