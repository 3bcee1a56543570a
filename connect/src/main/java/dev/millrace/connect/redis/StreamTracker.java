package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.hub.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Sees to it that the messages of each stream are delivered in order and once: a topic begins with
/// what it keeps; what comes live goes on as long as it follows; where something is missing,
/// because the connection was away, the stream itself is read up to now. Confined to the broker's
/// thread.
final class StreamTracker {
  static final int BATCH = 512;
  private static final int READS = 64; // under way at a time
  private static final int MOST_TOPICS = 100_000;
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  /// Takes what is next in a topic.
  interface Sink {
    void deliver(String topic, Position place, byte[] payload);

    /// The same, of what was published before the topic began here.
    void past(String topic, Position place, byte[] payload);

    /// The topic's last message stands at `place`, and is not delivered.
    void stands(String topic, Position place);
  }

  private static final class Tracked {
    int epoch;
    long last; // delivered
    long newest; // seen live
    long past; // up to here is what was published before
    boolean placed; // something of it was delivered
    boolean reading;
    @Nullable Beginning beginning;

    void beginEpoch(int newEpoch) {
      // What came before cannot be told apart from what comes now: offsets begin at 1 again.
      epoch = newEpoch;
      last = 0;
      newest = 0;
      past = 0;
    }
  }

  /// The first reading of a topic, of `messages` before its end; `done` is told when that is
  /// delivered, or cannot be had.
  private record Beginning(int messages, Runnable done) {}

  /// `epoch` is that in which was asked: an offset means nothing in another.
  private record Read(
      String topic,
      Tracked tracked,
      int epoch,
      boolean forPosition,
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
  private final long timeoutNanos;
  private final Runnable wake;
  private final Metrics metrics;
  private @Nullable Sink sink;
  private boolean paused; // until `pausedUntilNanos`
  private long pausedUntilNanos;

  StreamTracker(long timeoutNanos, Runnable wake, Metrics metrics) {
    this.timeoutNanos = timeoutNanos;
    this.wake = wake;
    this.metrics = metrics;
  }

  void deliverTo(Sink newSink) {
    sink = newSink;
  }

  boolean knows(String topic) {
    return topics.containsKey(topic);
  }

  /// Delivers the newest `messages` of a topic that is not known yet, and then what follows.
  void begin(String topic, int messages, Runnable done) {
    var tracked = new Tracked();
    tracked.beginning = new Beginning(messages, done);
    topics.put(topic, tracked);
    read(topic, tracked);
  }

  /// A message that came live.
  void live(String topic, Position place, byte[] payload) {
    var tracked = topics.get(topic);
    if (tracked == null) {
      var first = new Tracked();
      first.epoch = place.epoch();
      first.last = place.offset();
      first.newest = place.offset();
      topics.put(topic, first);
      sink().deliver(topic, place, payload);
      return;
    }
    if (tracked.epoch != place.epoch()) {
      tracked.beginEpoch(place.epoch());
    }
    tracked.newest = Math.max(tracked.newest, place.offset());
    if (tracked.reading || place.offset() <= tracked.last) {
      return; // the stream will yield it, or has
    }
    if (place.offset() == tracked.last + 1) {
      tracked.last = place.offset();
      sink().deliver(topic, place, payload);
    } else {
      read(topic, tracked);
    }
  }

  /// Nobody here follows the topic any more.
  void forget(String topic) {
    topics.remove(topic);
  }

  /// Something may have been published that was not heard.
  void readOn(String topic) {
    var tracked = topics.get(topic);
    if (tracked != null && !tracked.reading) {
      read(topic, tracked);
    }
  }

  /// The connection went, and with it what was being read. A topic that had not begun begins again
  /// when it is heard.
  void linkWent() {
    reads.clear();
    behind.clear();
    topics.values().removeIf(tracked -> tracked.beginning != null);
    for (var tracked : topics.values()) {
      tracked.reading = false;
    }
  }

  /// Reads on; true if something was delivered or asked for.
  boolean step(Link link, long now) {
    List<Read> done = new ArrayList<>();
    reads.removeIf(read -> isOver(read, now) && done.add(read));
    for (var read : done) {
      if (topics.get(read.topic) == read.tracked) {
        settle(read, now);
      }
    }
    boolean asked = false;
    paused = paused && now - pausedUntilNanos < 0;
    while (reads.size() < READS && !behind.isEmpty() && !paused) {
      var topic = behind.remove();
      var tracked = topics.get(topic);
      if (tracked != null) {
        boolean forPosition = tracked.beginning != null && tracked.epoch == 0;
        var range =
            (forPosition ? link.position(topic) : link.range(topic, tracked.last, BATCH))
                .toCompletableFuture();
        reads.add(new Read(topic, tracked, tracked.epoch, forPosition, range, now + timeoutNanos));
        var _ = range.whenComplete((read, failure) -> wake.run());
        asked = true;
      }
    }
    if (asked) {
      link.flush();
    }
    return asked || !done.isEmpty();
  }

  /// Whether an answer has come.
  boolean hasWork() {
    return reads.stream().anyMatch(read -> read.range.isDone());
  }

  private static boolean isOver(Read read, long now) {
    return read.range.isDone() || now - read.deadlineNanos >= 0;
  }

  private void settle(Read read, long now) {
    if (read.range.isDone() && !read.range.isCompletedExceptionally()) {
      if (read.forPosition) {
        locate(read, read.range.join());
      } else {
        take(read, read.range.join());
      }
      return;
    }
    paused = true;
    pausedUntilNanos = now + AGAIN_NANOS;
    var beginning = read.tracked.beginning;
    if (beginning == null) {
      behind.add(read.topic);
    } else {
      topics.remove(read.topic); // it begins with what comes live
      beginning.done.run();
    }
  }

  /// Where a topic's end is decides where it begins.
  private void locate(Read read, StreamRange end) {
    var tracked = read.tracked;
    if (tracked.epoch != 0 && tracked.epoch != end.epoch()) {
      read(read.topic, tracked); // what came live is of a newer epoch, which is read whole
      return;
    }
    if (end.epoch() == 0) {
      began(read.topic, tracked); // nothing was ever published
      return;
    }
    var beginning = tracked.beginning;
    tracked.epoch = end.epoch();
    tracked.past = end.lastOffset();
    tracked.newest = Math.max(tracked.newest, end.lastOffset());
    tracked.last = Math.max(0, end.lastOffset() - (beginning == null ? 0 : beginning.messages));
    if (tracked.last < tracked.newest) {
      read(read.topic, tracked);
    } else {
      began(read.topic, tracked);
    }
  }

  private void take(Read read, StreamRange range) {
    var topic = read.topic;
    var tracked = read.tracked;
    if (read.epoch != tracked.epoch) {
      read(topic, tracked); // a new epoch was heard of meanwhile
      return;
    }
    if (range.epoch() != tracked.epoch) {
      if (range.epoch() == 0) {
        began(topic, tracked); // nothing has been published since the stream expired
      } else {
        tracked.beginEpoch(range.epoch());
        read(topic, tracked);
      }
      return;
    }
    for (var entry : range.entries()) {
      if (entry.offset() > tracked.last) {
        lost(tracked, entry.offset() - tracked.last - 1);
        tracked.last = entry.offset();
        tracked.placed = true;
        var place = new Position(tracked.epoch, entry.offset());
        if (entry.offset() <= tracked.past) {
          sink().past(topic, place, entry.payload());
        } else {
          sink().deliver(topic, place, entry.payload());
        }
      }
    }
    tracked.newest = Math.max(tracked.newest, range.lastOffset());
    if (range.entries().isEmpty()) {
      lost(tracked, tracked.newest - tracked.last);
      tracked.last = tracked.newest;
    }
    if (tracked.last < tracked.newest) {
      read(topic, tracked);
    } else {
      began(topic, tracked);
    }
  }

  /// Everything up to now has been delivered.
  private void began(String topic, Tracked tracked) {
    tracked.reading = false;
    var beginning = tracked.beginning;
    if (beginning != null) {
      tracked.beginning = null;
      if (tracked.last > 0 && !tracked.placed) {
        sink().stands(topic, new Position(tracked.epoch, tracked.last));
      }
      beginning.done.run();
    }
  }

  private void read(String topic, Tracked tracked) {
    tracked.reading = true;
    behind.add(topic);
  }

  private Sink sink() {
    var to = sink;
    if (to == null) {
      throw new IllegalStateException("nobody takes what streams hold");
    }
    return to;
  }

  /// A topic that begins misses nothing by what its stream no longer holds.
  private void lost(Tracked tracked, long messages) {
    if (messages > 0 && tracked.beginning == null) {
      metrics.counter(BrokerMetric.LOST, "trimmed").inc(messages);
    }
  }
}
