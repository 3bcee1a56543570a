package dev.millrace.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Lays one load on a server and reports what came of it. Connects everybody, publishes until
/// everybody has received something, warms up, measures, and waits for the last delivery; every
/// step has a deadline. Publishers and subscribers share one thread, so that every delivery can be
/// checked against what was published.
public final class FanoutLoad {
  private static final int CONNECTING_AT_ONCE = 256; // stays within a server's accept queue
  private static final int PUBLISHED_PER_TURN = 64; // reading comes back in between
  private static final int BUSY_TOPICS =
      16; // of many small topics a turn may have as much as of one
  private static final long PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final LoadSpec spec;
  private final Target target;
  private final Supplier<Duration> serverCpu;
  private final Ledger ledger = new Ledger();
  private final SocketLoop loop;
  private final Topics topics;
  private final SlowReaders slow;

  private FanoutLoad(LoadSpec spec, Target target, Supplier<Duration> serverCpu, SocketLoop loop)
      throws IOException {
    this.spec = spec;
    this.target = target;
    this.serverCpu = serverCpu;
    this.loop = loop;
    topics = new Topics(spec, target, loop);
    slow =
        new SlowReaders(spec.slowReaders(), target, target.subscribePath(topics.nameOf(0)), loop);
  }

  /// Runs the load on the calling thread; about as long as its warm-up and measured part.
  ///
  /// @param serverCpu the processor time the server has used so far
  /// @throws IOException if the load could not be laid: no connection, no delivery, the publisher
  ///     lost. Faults in what was delivered are in the result instead.
  public static LoadResult run(LoadSpec spec, Target target, Supplier<Duration> serverCpu)
      throws IOException {
    try (var loop = new SocketLoop()) {
      return new FanoutLoad(spec, target, serverCpu, loop).run();
    }
  }

  private LoadResult run() throws IOException {
    connectAll();
    reachAll();
    publishFor(spec.warmUp());

    long publishedBefore = topics.published();
    long deliveredBefore = ledger.delivered;
    long bytesBefore = ledger.bytes;
    var serverBefore = serverCpu.get();
    var clientBefore = ownCpu();
    long begun = System.nanoTime();
    ledger.startTiming();
    publishFor(spec.measured());
    ledger.stopTiming();
    double seconds = (System.nanoTime() - begun) / 1e9;
    double serverSeconds = seconds(serverCpu.get().minus(serverBefore));
    double clientSeconds = seconds(ownCpu().minus(clientBefore));
    long published = topics.published() - publishedBefore;
    long delivered = ledger.delivered - deliveredBefore;
    long bytes = ledger.bytes - bytesBefore;

    drain();
    return new LoadResult(
        spec.subscribers(),
        ledger.wireBytes,
        seconds,
        published,
        delivered,
        bytes,
        serverSeconds,
        clientSeconds,
        ledger.latency(),
        slow.result(),
        faults());
  }

  private void connectAll() throws IOException {
    long deadline = deadline();
    int all = spec.subscribers() + topics.count() + slow.count();
    int started = 0;
    while (loop.opened() < all) {
      while (started < spec.subscribers() && started - loop.opened() < CONNECTING_AT_ONCE) {
        subscribe(target.subscribePath(topics.nameOf(started++)));
      }
      turn(SocketLoop.SLICE_MILLIS);
      loop.requireAllAlive();
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "%d of %d connections open after %s".formatted(loop.opened(), all, spec.patience()));
      }
    }
  }

  /// The selector holds the connection from now on.
  private void subscribe(String path) throws IOException {
    var _ =
        switch (target.protocol()) {
          case WEB_SOCKET -> new Subscriber(target, path, loop.selector(), ledger);
          case REDIS ->
              new RedisSubscriber(target, path, loop.selector(), ledger, spec.payloadBytes());
        };
  }

  /// Publishes now and then until every subscriber has received something and lacks nothing: a
  /// server may take a subscription later than it accepts the connection.
  private void reachAll() throws IOException {
    long deadline = deadline();
    long due = System.nanoTime();
    while (ledger.reached < spec.subscribers() || undelivered() > 0) {
      long now = System.nanoTime();
      if (ledger.reached < spec.subscribers() && now - due >= 0) {
        topics.offerEverywhere(now);
        topics.flush(topics.count());
        due = now + PROBE_NANOS;
      }
      turn(1);
      if (now - deadline > 0) {
        throw new IOException(
            "%d of %d subscribers on %s received something after %s; published to %s"
                .formatted(
                    ledger.reached,
                    spec.subscribers(),
                    target.subscribePath(topics.nameOf(0)),
                    spec.patience(),
                    target.publishPath(topics.nameOf(0))));
      }
    }
  }

  private void publishFor(Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    switch (spec.pace()) {
      case Pace.ClosedLoop(var window) -> publishWithin(window, end);
      case Pace.OpenLoop(var messagesPerSecond) -> publishAtRate(messagesPerSecond, end);
    }
  }

  private void publishWithin(int window, long end) throws IOException {
    int atOnce = PUBLISHED_PER_TURN * Math.min(topics.count(), BUSY_TOPICS);
    long now;
    while ((now = System.nanoTime()) - end < 0) {
      // On average, rounded up: looking for the slowest subscriber would cost more than it tells.
      long underWay = (undelivered() + spec.subscribers() - 1) / spec.subscribers();
      long room = Math.min((window - underWay) * topics.count(), atOnce);
      int offered = 0;
      while (offered < room && topics.offer(now)) {
        offered++;
      }
      topics.flush(offered);
      turn(offered > 0 ? 0 : SocketLoop.SLICE_MILLIS);
    }
  }

  private void publishAtRate(int messagesPerSecond, long end) throws IOException {
    double interval = 1e9 / messagesPerSecond;
    long begin = System.nanoTime();
    long sent = 0;
    long now;
    while ((now = System.nanoTime()) - end < 0) {
      long due = begin + (long) (sent * interval);
      int offered = 0;
      while (now - due >= 0 && topics.offer(due)) {
        offered++;
        due = begin + (long) (++sent * interval);
      }
      topics.flush(offered);
      // Below a millisecond the selector cannot wait, so the loop looks again at once.
      turn(Math.clamp(TimeUnit.NANOSECONDS.toMillis(due - now), 0, SocketLoop.SLICE_MILLIS));
    }
  }

  private void drain() throws IOException {
    long deadline = deadline();
    while (undelivered() > 0 && loop.dead() == 0 && System.nanoTime() - deadline < 0) {
      turn(SocketLoop.SLICE_MILLIS);
    }
  }

  /// One look at the sockets, waiting at most `millis`.
  private void turn(long millis) throws IOException {
    loop.turn(millis);
    if (slow.count() > 0) {
      slow.turn(ledger.bytes / spec.subscribers());
    }
    if (loop.dead() > 0 && !topics.areAlive()) {
      throw new IOException("a publisher is gone: " + loop.firstComplaint(), loop.firstDeath());
    }
  }

  /// Deliveries that are still to come of everything published.
  private long undelivered() {
    return topics.due() - ledger.awaited;
  }

  private LoadResult.Faults faults() {
    return new LoadResult.Faults(
        ledger.lost + undelivered(),
        ledger.gaps,
        ledger.repeated,
        loop.dead(),
        loop.firstComplaint());
  }

  private long deadline() {
    return System.nanoTime() + spec.patience().toNanos();
  }

  static Duration ownCpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
