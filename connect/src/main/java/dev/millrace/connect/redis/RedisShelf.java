package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.hub.UserShelf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What connections of users leave, kept in Redis. What is to be done there waits in a bounded
/// queue for the broker's thread. The lock is taken when connections come, go and change what they
/// are subscribed to, never for a message.
final class RedisShelf implements UserShelf {
  private static final int WAITING = 16_384;
  private static final int AT_ONCE = 256;

  /// What an entry costs besides what it holds, here and in Redis, roughly.
  private static final long ENTRY_BYTES = 200;

  /// Something to be done in Redis, and who waits for it.
  private sealed interface Errand {
    record Keep(LeftPlace at, long graceMillis, byte[] what, CompletableFuture<Boolean> kept)
        implements Errand {}

    record Drop(LeftPlace at) implements Errand {}

    record Take(String user, CompletableFuture<Taken> taken) implements Errand {}
  }

  private final String instance;
  private final long timeoutNanos;
  private final Duration instanceTimeout;
  private final Runnable wake;
  private final Metrics metrics;
  private final ArrayBlockingQueue<Errand> errands = new ArrayBlockingQueue<>(WAITING);

  // These: guarded by the lock of this.
  private final Map<String, List<Held>> byUser = new HashMap<>();
  private final ArrayDeque<Held> left = new ArrayDeque<>(); // those that ended, oldest first
  private long bytes;

  private volatile Duration grace = Duration.ZERO; // the last that was asked for; any thread
  private volatile long nowNanos; // written by the broker's thread each turn
  private volatile int generation; // written by the broker's thread
  private boolean connected;
  private long nextTouchNanos;

  /// `wake` has the broker's thread look.
  RedisShelf(String instance, ClusterSpec spec, long nowNanos, Runnable wake, Metrics metrics) {
    this.instance = instance;
    this.timeoutNanos = spec.redis().commandTimeout().toNanos();
    this.instanceTimeout = spec.instanceTimeout();
    this.nowNanos = nowNanos;
    this.wake = wake;
    this.metrics = metrics;
    metrics.gauge(BrokerMetric.KEPT_CONNECTIONS, this::size);
  }

  // Any thread.

  @Override
  public synchronized @Nullable Place place(String user) {
    var own = byUser.computeIfAbsent(user, name -> new ArrayList<>(1));
    if (own.size() == LeftPlace.MOST) {
      var oldest = own.stream().filter(held -> held.hasEnded).findFirst().orElse(null);
      if (oldest == null) {
        notKept("too_many_connections");
        return null;
      }
      forget(oldest);
    }
    var held = new Held(new LeftPlace(instance, user, freeNumber(own)));
    byUser.computeIfAbsent(user, name -> own).add(held);
    return held;
  }

  private static int freeNumber(List<Held> own) {
    int number = 0;
    for (int i = 0; i < own.size(); ) {
      if (own.get(i).at.number() == number) {
        number++;
        i = 0;
      } else {
        i++;
      }
    }
    return number;
  }

  @Override
  public CompletionStage<Taken> take(String user) {
    var taken = new CompletableFuture<Taken>();
    if (!send(new Errand.Take(user, taken))) {
      taken.completeExceptionally(new IllegalStateException("too much waits for Redis"));
    }
    return taken;
  }

  @Override
  public int generation() {
    return generation;
  }

  /// Whether something is still to be sent.
  boolean hasWork() {
    return !errands.isEmpty();
  }

  private synchronized int size() {
    return byUser.values().stream().mapToInt(List::size).sum();
  }

  private boolean send(Errand errand) {
    boolean taken = errands.offer(errand);
    if (taken) {
      wake.run();
    } else {
      notKept("queue_full");
    }
    return taken;
  }

  private void notKept(String reason) {
    metrics.counter(BrokerMetric.NOT_KEPT, reason).inc();
  }

  /// Makes room for so many bytes; false if that cannot be. Under the lock.
  private boolean makeRoom(long more, long limit) {
    while (bytes + more > limit && !left.isEmpty()) {
      notKept("memory");
      dropAndForget(left.getFirst());
    }
    return bytes + more <= limit;
  }

  private void dropAndForget(Held held) {
    send(new Errand.Drop(held.at));
    forget(held);
  }

  private void forget(Held held) {
    held.gone = true;
    left.remove(held);
    bytes -= held.bytes;
    held.bytes = 0;
    var own = byUser.get(held.at.user());
    if (own != null && own.remove(held) && own.isEmpty()) {
      byUser.remove(held.at.user());
    }
  }

  private final class Held implements Place {
    private final LeftPlace at;
    private long bytes;
    private boolean hasEnded;
    private boolean gone;
    private long endsNanos; // what was left, then

    Held(LeftPlace at) {
      this.at = at;
    }

    @Override
    public boolean hold(byte[] what, Terms terms) {
      synchronized (RedisShelf.this) {
        if (gone || hasEnded || !weighs(what, terms)) {
          return false;
        }
        return send(new Errand.Keep(at, 0, what, new CompletableFuture<>()));
      }
    }

    @Override
    public CompletionStage<?> leave(byte[] what, Terms terms) {
      var kept = new CompletableFuture<Boolean>();
      synchronized (RedisShelf.this) {
        boolean fits = !gone && !hasEnded && weighs(what, terms);
        if (fits && send(new Errand.Keep(at, terms.grace().toMillis(), what, kept))) {
          hasEnded = true;
          endsNanos = nowNanos + terms.grace().toNanos();
          left.add(this);
          return kept;
        }
        clear();
      }
      kept.completeExceptionally(new IllegalStateException("there is no room for it"));
      return kept;
    }

    @Override
    public void clear() {
      synchronized (RedisShelf.this) {
        if (!gone && !hasEnded) {
          if (bytes > 0) {
            dropAndForget(this);
          } else {
            forget(this);
          }
        }
      }
    }

    private boolean weighs(byte[] what, Terms terms) {
      grace = terms.grace();
      long weight = ENTRY_BYTES + what.length + at.user().getBytes(StandardCharsets.UTF_8).length;
      if (!makeRoom(weight - bytes, terms.bytes())) {
        notKept("memory");
        if (bytes > 0) {
          send(new Errand.Drop(at));
        }
        RedisShelf.this.bytes -= bytes;
        bytes = 0;
        return false;
      }
      RedisShelf.this.bytes += weight - bytes;
      bytes = weight;
      return true;
    }
  }

  // The broker's thread.

  /// Does in Redis what is to be done; true if there may be more at once. `away`: Redis is not
  /// there, so nobody shall wait.
  boolean step(@Nullable Link link, boolean away, long now) {
    nowNanos = now;
    expire(now);
    if (link == null) {
      connected = false;
      if (away) {
        giveUp();
      }
      return false;
    }
    boolean sent = false;
    if (!connected) {
      connected = true;
      int next = generation + 1;
      generation = next; // it may be another Redis, or an empty one
      nextTouchNanos = now;
    }
    if (now - nextTouchNanos >= 0) {
      nextTouchNanos = now + instanceTimeout.toNanos() / 3;
      link.touchLeft(instance, grace.plus(instanceTimeout).toMillis());
      sent = true;
    }
    int done = 0;
    for (var next = errands.poll(); next != null; next = errands.poll()) {
      run(next, link);
      sent = true;
      if (++done == AT_ONCE) {
        break;
      }
    }
    if (sent) {
      link.flush();
    }
    return !errands.isEmpty();
  }

  private synchronized void expire(long now) {
    for (var first = left.peek();
        first != null && now - first.endsNanos >= 0;
        first = left.peek()) {
      dropAndForget(first);
    }
  }

  private void run(Errand errand, Link link) {
    switch (errand) {
      case Errand.Keep(var at, var graceMillis, var what, var kept) ->
          follow(link.keepLeft(at, graceMillis, what).thenApply(done -> true), kept);
      case Errand.Drop(var at) -> {
        var _ = link.dropLeft(at);
      }
      case Errand.Take(var user, var taken) ->
          follow(link.takeLeft(user).thenApply(RedisShelf::taken), taken);
    }
  }

  private <T> void follow(CompletionStage<T> answer, CompletableFuture<T> waiting) {
    var _ = waiting.orTimeout(timeoutNanos, TimeUnit.NANOSECONDS);
    var _ =
        answer.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                waiting.complete(value);
              } else {
                notKept("refused");
                waiting.completeExceptionally(failure);
              }
            });
  }

  private static Taken taken(List<byte[]> answer) {
    if (answer.isEmpty()) {
      return new Taken.Nothing();
    }
    var what = answer.getFirst();
    return what.length == 0 ? new Taken.InUse() : new Taken.Found(what);
  }

  private void giveUp() {
    var why = new IllegalStateException("Redis is away");
    for (var next = errands.poll(); next != null; next = errands.poll()) {
      switch (next) {
        case Errand.Keep keep -> keep.kept.completeExceptionally(why);
        case Errand.Take take -> take.taken.completeExceptionally(why);
        case Errand.Drop _ -> {} // it expires by itself
      }
    }
  }
}
