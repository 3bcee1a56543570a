package dev.millrace.gateway.api;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.limit.RecentMap;
import dev.millrace.hub.TopicDetail;
import dev.millrace.hub.TopicStats;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/// One topic, closely. Its rates are those since somebody looked at it last, which costs nothing
/// where nobody looks; without such a look within five minutes they are unknown. Safe from any
/// thread.
final class TopicPage {
  static final String EXAMPLE =
      "{\"name\":\"demo\",\"subscribers\":2,\"messages\":10,\"payload_bytes\":420,\"epoch\":7,"
          + "\"offset\":10,\"messages_per_sec\":1.5,\"bytes_per_sec\":63.0,\"kept_messages\":10,"
          + "\"kept_bytes\":1880,\"lanes\":[{\"form\":\"wse\",\"messages\":10,\"bytes\":1880,"
          + "\"behind\":0}]}";

  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final int REMEMBERED = 1_024;

  private final Clock clock;
  private final RecentMap<String, Seen> seen = new RecentMap<>(REMEMBERED);

  private record Seen(long nanos, TopicStats stats) {}

  TopicPage(Clock clock) {
    this.clock = clock;
  }

  /// Adds to `page`, which has what every list of topics says.
  ObjectNode fill(ObjectNode page, TopicDetail detail) {
    rates(page, detail.stats());
    page.put("kept_messages", detail.keptMessages()).put("kept_bytes", detail.keptBytes());
    var lanes = page.putArray("lanes");
    for (var lane : detail.lanes()) {
      lanes
          .addObject()
          .put("form", lane.form())
          .put("messages", lane.messages())
          .put("bytes", lane.bytes())
          .put("behind", lane.behind());
    }
    return page;
  }

  private void rates(ObjectNode page, TopicStats now) {
    var before = seen.get(now.name());
    long nanos = clock.nanoTime();
    long passed = before == null ? Long.MAX_VALUE : nanos - before.nanos;
    if (passed >= SHORTEST_NANOS) {
      seen.put(now.name(), new Seen(nanos, now));
    }
    if (before == null
        || before.stats.epoch() != now.epoch()
        || passed < SHORTEST_NANOS
        || passed > LONGEST_NANOS) {
      page.putNull("messages_per_sec").putNull("bytes_per_sec");
      return;
    }
    long messages = now.messages() - before.stats.messages();
    long bytes = now.payloadBytes() - before.stats.payloadBytes();
    page.put("messages_per_sec", rate(messages, passed)).put("bytes_per_sec", rate(bytes, passed));
  }

  private static double rate(long gained, long nanos) {
    return Math.round(gained * 1e12 / nanos) / 1e3;
  }
}
