package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.Publication;
import dev.millrace.hub.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Looks at dead letters and publishes them again. Every method may wait for Redis, a few seconds
/// at most, and belongs on a thread that may.
public final class Replay {
  /// The most that is listed or replayed at once.
  public static final int LIMIT = DeadLetters.CAPACITY;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// What became of a replay.
  public sealed interface Outcome {
    /// So many were published again and are no dead letters any more; `failed` are still there.
    record Replayed(int messages, int failed) implements Outcome {}

    /// There is no such dead letter.
    record Unknown() implements Outcome {}

    /// Redis is away, or refuses to publish.
    record Away(String why) implements Outcome {}
  }

  private final BrokerLoop loop;
  private final BusCodec codec;
  private final Duration echoTimeout;
  private final Clock clock;
  private final Metrics metrics;

  Replay(BrokerLoop loop, BusCodec codec, ClusterSpec spec, Clock clock, Metrics metrics) {
    this.loop = loop;
    this.codec = codec;
    this.echoTimeout = spec.broker().echoTimeout();
    this.clock = clock;
    this.metrics = metrics;
  }

  /// The newest dead letters of a topic, or of all, newest first: those that wait here, then those
  /// in Redis, if it answers.
  public List<DeadLetter> list(@Nullable String topic, int limit) throws InterruptedException {
    var found = new ArrayList<DeadLetter>();
    for (var letter : loop.letters().all()) {
      if (topic == null || topic.equals(letter.topic())) {
        found.add(letter);
      }
    }
    var link = loop.link();
    if (link != null) {
      for (var name : topic == null ? topics(link) : List.of(topic)) {
        if (found.size() >= limit) {
          break;
        }
        for (var letter : letters(link, name, limit - found.size())) {
          var read = DeadLetter.parse(name, letter);
          if (read != null) {
            found.add(read);
          }
        }
      }
    }
    return List.copyOf(found.subList(0, Math.min(limit, found.size())));
  }

  /// Publishes one dead letter of `topic` again, or all that Redis has, oldest first, when `id` is
  /// null. Instances that delivered a message pass it over.
  public Outcome replay(String topic, @Nullable String id) throws InterruptedException {
    var link = loop.link();
    var trouble = loop.trouble();
    if (link == null || trouble != null) {
      return new Outcome.Away(trouble == null ? "Redis is not connected" : trouble);
    }
    List<Sent> sent = new ArrayList<>();
    int failed = 0;
    for (var raw : letters(link, topic, LIMIT).reversed()) {
      var letter = DeadLetter.parse(topic, raw);
      if (letter == null || (id != null && !id.equals(letter.id()))) {
        continue;
      }
      var receipt = offer(letter);
      if (receipt == null) {
        failed++;
      } else {
        sent.add(new Sent(raw, receipt));
      }
    }
    if (sent.isEmpty() && failed == 0) {
      return new Outcome.Unknown();
    }
    int replayed = 0;
    long deadline = clock.nanoTime() + echoTimeout.plus(PATIENCE).toNanos();
    for (var one : sent) {
      if (isDone(one.receipt, deadline)) {
        exhume(link, topic, one.letter);
        replayed++;
      } else {
        failed++;
      }
    }
    metrics.counter(BrokerMetric.REPLAYED).inc(replayed);
    return new Outcome.Replayed(replayed, failed);
  }

  private record Sent(byte[] letter, CompletableFuture<Receipt> receipt) {}

  private @Nullable CompletableFuture<Receipt> offer(DeadLetter letter) {
    var message = codec.decode(letter.topic(), letter.payload(), clock.epochMillis());
    if (message == null) {
      return null;
    }
    var receipt = new CompletableFuture<Receipt>();
    boolean taken = loop.offer(new Publication(letter.topic(), List.of(message), receipt), true);
    return taken ? receipt : null;
  }

  private boolean isDone(CompletableFuture<Receipt> receipt, long deadline)
      throws InterruptedException {
    try {
      receipt.get(Math.max(0, deadline - clock.nanoTime()), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException | TimeoutException gone) {
      return false;
    }
  }

  private static void exhume(Link link, String topic, byte[] letter) throws InterruptedException {
    var removed = link.exhume(topic, letter);
    link.flush();
    answer(removed, 0L);
  }

  private static List<String> topics(Link link) throws InterruptedException {
    return answer(link.graves(LIMIT), List.of());
  }

  private static List<byte[]> letters(Link link, String topic, int limit)
      throws InterruptedException {
    var letters = link.buried(topic, limit);
    link.flush();
    return answer(letters, List.of());
  }

  private static <T> T answer(CompletionStage<T> stage, T otherwise) throws InterruptedException {
    try {
      return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException away) {
      return otherwise;
    }
  }
}
