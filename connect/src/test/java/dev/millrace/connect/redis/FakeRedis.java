package dev.millrace.connect.redis;

import dev.millrace.hub.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A Redis of memory, on one thread, whose moods a test decides.
final class FakeRedis {
  enum Mood {
    WELL,
    /// Connects, and fails every command.
    REFUSING,
    /// Answers nothing.
    SILENT,
    /// Cannot be reached.
    AWAY
  }

  Mood mood = Mood.WELL;
  boolean echoes = true;
  boolean takesPatterns = true;
  final Map<LeftPlace, byte[]> left = new LinkedHashMap<>(); // oldest first
  final Set<String> dead = new HashSet<>(); // instances
  int dials;
  final List<String> published = new ArrayList<>();
  final Map<String, ArrayDeque<byte[]>> lists = new HashMap<>();
  private final Map<String, List<StreamRange.Entry>> streams = new LinkedHashMap<>();
  private final Set<String> ids = new HashSet<>();
  final List<String> touched = new ArrayList<>();
  private final Set<LeftPlace> ended = new HashSet<>();
  private final List<FakeLink> links = new ArrayList<>();
  int epoch = 7;

  Link.Dialer dialer() {
    return new Link.Dialer() {
      @Override
      public CompletionStage<Link> dial(Link.Receiver receiver) {
        dials++;
        return switch (mood) {
          case AWAY -> CompletableFuture.failedFuture(new IllegalStateException("refused"));
          case SILENT -> new CompletableFuture<>();
          case WELL, REFUSING -> {
            var link = new FakeLink(receiver);
            links.add(link);
            yield CompletableFuture.completedFuture(link);
          }
        };
      }

      @Override
      public void close() {}
    };
  }

  /// Ends every connection, as a crash does.
  void crash() {
    mood = Mood.AWAY;
    for (var link : List.copyOf(links)) {
      link.close();
      link.receiver.ended();
    }
  }

  /// Somebody else publishes.
  void publishFromElsewhere(String channel, String payload) {
    tell(channel, payload.getBytes(StandardCharsets.UTF_8));
  }

  /// Somebody else appends to a stream; `heard` by those who listen, or not.
  void appendFromElsewhere(String topic, String id, String payload, boolean heard) {
    append(topic, id, payload.getBytes(StandardCharsets.UTF_8), heard);
  }

  void trim(String topic, int keep) {
    var entries = streams.getOrDefault(topic, new ArrayList<>());
    entries.subList(0, Math.max(0, entries.size() - keep)).clear();
  }

  private boolean append(String topic, String id, byte[] payload, boolean heard) {
    if (!ids.add(topic + ' ' + id)) {
      return false;
    }
    var entries = streams.computeIfAbsent(topic, name -> new ArrayList<>());
    long offset = entries.isEmpty() ? 1 : entries.getLast().offset() + 1;
    entries.add(new StreamRange.Entry(offset, payload));
    if (heard) {
      var framed = (epoch + " " + offset + " " + new String(payload, StandardCharsets.UTF_8));
      tell(Channels.LIVE + topic, framed.getBytes(StandardCharsets.UTF_8));
    }
    return true;
  }

  private void tell(String channel, byte[] payload) {
    if (echoes) {
      for (var link : List.copyOf(links)) {
        if (link.open && link.hears(channel)) {
          link.receiver.received(channel, payload);
        }
      }
    }
  }

  private <T> CompletableFuture<T> answer(FakeLink link, java.util.function.Supplier<T> value) {
    if (!link.open) {
      return CompletableFuture.failedFuture(new IllegalStateException("closed"));
    }
    return switch (mood) {
      case WELL -> CompletableFuture.completedFuture(value.get());
      case REFUSING -> CompletableFuture.failedFuture(new IllegalStateException("OOM"));
      case SILENT, AWAY -> new CompletableFuture<>();
    };
  }

  private final class FakeLink implements Link {
    private final Receiver receiver;
    private final Set<String> channels = new HashSet<>(Set.of(Channels.PRESENCE));
    private final Set<String> patterns = new HashSet<>();
    private boolean open = true;

    FakeLink(Receiver receiver) {
      this.receiver = receiver;
    }

    @Override
    public CompletionStage<Boolean> publish(String channel, byte[] payload) {
      return answer(
          this,
          () -> {
            published.add(channel + ' ' + new String(payload, StandardCharsets.UTF_8));
            tell(channel, payload);
            return true;
          });
    }

    @Override
    public CompletionStage<Boolean> append(String topic, String id, byte[] payload) {
      return answer(this, () -> FakeRedis.this.append(topic, id, payload, true));
    }

    @Override
    public CompletionStage<StreamRange> range(String topic, long offset, int limit) {
      return answer(
          this,
          () -> {
            var entries = streams.getOrDefault(topic, List.of());
            long last = entries.isEmpty() ? 0 : entries.getLast().offset();
            return new StreamRange(
                entries.isEmpty() ? 0 : epoch,
                last,
                entries.stream().filter(entry -> entry.offset() > offset).limit(limit).toList());
          });
    }

    boolean hears(String channel) {
      return channels.contains(channel)
          || patterns.stream().anyMatch(one -> TopicPattern.of(one).matches(channel));
    }

    @Override
    public CompletionStage<StreamRange> position(String topic) {
      return range(topic, Long.MAX_VALUE, 0);
    }

    @Override
    public void subscribe(List<String> names) {
      if (mood == Mood.WELL || mood == Mood.REFUSING) {
        channels.addAll(names);
        names.forEach(receiver::subscribed);
      }
    }

    @Override
    public void unsubscribe(List<String> names) {
      names.forEach(channels::remove);
    }

    @Override
    public void subscribePatterns(List<String> names) {
      if (takesPatterns && (mood == Mood.WELL || mood == Mood.REFUSING)) {
        patterns.addAll(names);
        names.forEach(receiver::subscribedPattern);
      }
    }

    @Override
    public void unsubscribePatterns(List<String> names) {
      names.forEach(patterns::remove);
    }

    @Override
    public CompletionStage<?> ping() {
      return answer(this, () -> "PONG");
    }

    @Override
    public CompletionStage<?> bury(String topic, byte[] letter) {
      return answer(
          this,
          () -> {
            lists.computeIfAbsent(topic, name -> new ArrayDeque<>()).addFirst(letter);
            return 1L;
          });
    }

    @Override
    public CompletionStage<List<byte[]>> buried(String topic, int limit) {
      return answer(
          this, () -> lists.getOrDefault(topic, new ArrayDeque<>()).stream().limit(limit).toList());
    }

    @Override
    public CompletionStage<Long> exhume(String topic, byte[] letter) {
      return answer(
          this,
          () ->
              lists
                      .getOrDefault(topic, new ArrayDeque<>())
                      .removeIf(one -> java.util.Arrays.equals(one, letter))
                  ? 1L
                  : 0L);
    }

    @Override
    public CompletionStage<?> keepLeft(LeftPlace at, long graceMillis, byte[] what) {
      return answer(
          this,
          () -> {
            left.remove(at);
            left.put(at, what);
            ended.removeIf(at::equals);
            return graceMillis == 0 || ended.add(at);
          });
    }

    @Override
    public CompletionStage<?> dropLeft(LeftPlace at) {
      return answer(this, () -> left.remove(at) != null);
    }

    @Override
    public CompletionStage<List<byte[]>> takeLeft(String user) {
      return answer(
          this,
          () -> {
            var all = left.keySet().stream().filter(at -> at.user().equals(user)).toList();
            for (var at : all.reversed()) {
              if (ended.contains(at) || dead.contains(at.instance())) {
                return List.of(java.util.Objects.requireNonNull(left.remove(at)));
              }
            }
            return all.isEmpty() ? List.of() : List.of(new byte[0]);
          });
    }

    @Override
    public void touchLeft(String instance, long keptMillis) {
      touched.add(instance + ' ' + keptMillis);
    }

    @Override
    public CompletionStage<List<String>> graves(int limit) {
      return answer(this, () -> lists.keySet().stream().limit(limit).toList());
    }

    @Override
    public void flush() {}

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }
}
