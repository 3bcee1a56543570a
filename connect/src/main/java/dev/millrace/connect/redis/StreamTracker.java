package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Sees to it that the messages of each stream are delivered in order and once: what comes live
/// goes on as long as it follows; where something is missing, because the connection was away, the
/// stream itself is read up to now. Confined to the broker's thread.
final class StreamTracker {
  static final int BATCH = 512;
  private static final int READS = 16; // under way at a time
  private static final int MOST_TOPICS = 100_000;
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  /// Takes what is next in a topic.
  @FunctionalInterface
  interface Sink {
    void deliver(String topic, Place place, byte[] payload);
  }

  private static final class Tracked {
    int epoch;
    long last; // delivered
    long newest; // seen live
    boolean reading;

    Tracked(Place place) {
      epoch = place.epoch();
      last = place.offset();
      newest = last;
    }
  }

  /// `epoch` is that in which was asked: an offset means nothing in another.
  private record Read(
      String topic,
      Tracked tracked,
      int epoch,
      CompletableFuture<StreamRange> range,
      long deadlineNanos) {}

  private final LinkedHashMap<String, Tracked> topics =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tracked> eldest) {
          return size() > MOST_TOPICS;
        }
      };
  private final ArrayDeque<String> behind = new ArrayDeque<>();
  private final List<Read> reads = new ArrayList<>();
  private final Sink sink;
  private final long timeoutNanos;
  private final Metrics metrics;
  private boolean paused; // until `pausedUntilNanos`
  private long pausedUntilNanos;

  StreamTracker(Sink sink, long timeoutNanos, Metrics metrics) {
    this.sink = sink;
    this.timeoutNanos = timeoutNanos;
    this.metrics = metrics;
  }

  /// A message that came live.
  void live(String topic, Place place, byte[] payload) {
    var tracked = topics.get(topic);
    if (tracked == null) {
      topics.put(topic, new Tracked(place));
      sink.deliver(topic, place, payload);
      return;
    }
    if (tracked.epoch != place.epoch()) {
      beginEpoch(tracked, place.epoch());
    }
    tracked.newest = Math.max(tracked.newest, place.offset());
    if (tracked.reading || place.offset() <= tracked.last) {
      return; // the stream will yield it, or has
    }
    if (place.offset() == tracked.last + 1) {
      tracked.last = place.offset();
      sink.deliver(topic, place, payload);
    } else {
      readOn(topic, tracked);
    }
  }

  /// Nobody here follows the topic any more.
  void forget(String topic) {
    topics.remove(topic);
  }

  /// A new connection: whatever was published meanwhile is read.
  void linkCame() {
    paused = false;
    topics.forEach(
        (topic, tracked) -> {
          if (!tracked.reading) {
            readOn(topic, tracked);
          }
        });
  }

  /// The connection went, and with it what was being read.
  void linkWent() {
    for (var read : reads) {
      read.tracked.reading = false;
    }
    reads.clear();
    for (var topic : behind) {
      var tracked = topics.get(topic);
      if (tracked != null) {
        tracked.reading = false;
      }
    }
    behind.clear();
  }

  /// Reads on; true if something was delivered or asked for.
  boolean step(Link link, long now) {
    boolean worked = false;
    var all = reads.iterator();
    List<Read> done = new ArrayList<>();
    while (all.hasNext()) {
      var read = all.next();
      if (read.range.isDone() || now - read.deadlineNanos >= 0) {
        all.remove();
        done.add(read);
      }
    }
    for (var read : done) {
      worked = true;
      if (read.range.isDone() && !read.range.isCompletedExceptionally()) {
        take(read, read.range.join());
      } else {
        behind.add(read.topic);
        paused = true;
        pausedUntilNanos = now + AGAIN_NANOS;
      }
    }
    boolean asked = false;
    paused = paused && now - pausedUntilNanos < 0;
    while (reads.size() < READS && !behind.isEmpty() && !paused) {
      var topic = behind.remove();
      var tracked = topics.get(topic);
      if (tracked != null) {
        var range = link.range(topic, tracked.last, BATCH).toCompletableFuture();
        reads.add(new Read(topic, tracked, tracked.epoch, range, now + timeoutNanos));
        asked = true;
      }
    }
    if (asked) {
      link.flush();
    }
    return worked || asked;
  }

  private void take(Read read, StreamRange range) {
    var topic = read.topic;
    var tracked = read.tracked;
    if (read.epoch != tracked.epoch) {
      readOn(topic, tracked); // a new epoch was heard of meanwhile
      return;
    }
    tracked.reading = false;
    if (range.epoch() != tracked.epoch) {
      if (range.epoch() != 0) {
        beginEpoch(tracked, range.epoch());
        readOn(topic, tracked);
      }
      return; // nothing has been published since the stream expired
    }
    for (var entry : range.entries()) {
      if (entry.offset() > tracked.last) {
        lost(entry.offset() - tracked.last - 1);
        tracked.last = entry.offset();
        sink.deliver(topic, new Place(tracked.epoch, entry.offset()), entry.payload());
      }
    }
    tracked.newest = Math.max(tracked.newest, range.lastOffset());
    if (range.entries().isEmpty()) {
      lost(tracked.newest - tracked.last);
      tracked.last = tracked.newest;
    } else if (tracked.last < tracked.newest) {
      readOn(topic, tracked);
    }
  }

  /// What came before cannot be told apart from what comes now: offsets begin at 1 again.
  private static void beginEpoch(Tracked tracked, int epoch) {
    tracked.epoch = epoch;
    tracked.last = 0;
    tracked.newest = 0;
  }

  private void readOn(String topic, Tracked tracked) {
    tracked.reading = true;
    behind.add(topic);
  }

  private void lost(long messages) {
    if (messages > 0) {
      metrics.counter(BrokerMetric.LOST, "trimmed").inc(messages);
    }
  }
}
