package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lays one load on a server and reports what came of it. Connects everybody, publishes until
/// everybody has received something, warms up, measures, and waits for the last delivery; every
/// step has a deadline. Publisher and subscribers share one thread, so that every delivery can be
/// checked against what was published.
public final class FanoutLoad {
  private static final int SCRATCH_BYTES = 256 * 1024;
  private static final int CONNECTING_AT_ONCE = 256; // stays within a server's accept queue
  private static final int PUBLISHED_PER_TURN = 64; // reading comes back in between
  private static final long SLICE_MILLIS = 10;
  private static final long PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final LoadSpec spec;
  private final Target target;
  private final Supplier<Duration> serverCpu;
  private final Ledger ledger = new Ledger();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
  private final Subscriber[] subscribers;
  private final Selector selector;
  private final Publisher publisher;
  private int open;
  private int dead;
  private @Nullable IOException firstDeath;

  private FanoutLoad(LoadSpec spec, Target target, Supplier<Duration> serverCpu, Selector selector)
      throws IOException {
    this.spec = spec;
    this.target = target;
    this.serverCpu = serverCpu;
    this.selector = selector;
    subscribers = new Subscriber[spec.subscribers()];
    publisher = new Publisher(target, selector, spec.payloadBytes());
  }

  /// Runs the load on the calling thread; about as long as its warm-up and measured part.
  ///
  /// @param serverCpu the processor time the server has used so far
  /// @throws IOException if the load could not be laid: no connection, no delivery, the publisher
  ///     lost. Faults in what was delivered are in the result instead.
  public static LoadResult run(LoadSpec spec, Target target, Supplier<Duration> serverCpu)
      throws IOException {
    try (var selector = Selector.open()) {
      try {
        return new FanoutLoad(spec, target, serverCpu, selector).run();
      } finally {
        for (var key : selector.keys()) {
          key.channel().close();
        }
      }
    }
  }

  private LoadResult run() throws IOException {
    connectAll();
    reachAll();
    publishFor(spec.warmUp());

    long publishedBefore = publisher.published();
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
    long published = publisher.published() - publishedBefore;
    long delivered = ledger.delivered - deliveredBefore;
    long bytes = ledger.bytes - bytesBefore;

    drain();
    return new LoadResult(
        spec.subscribers(),
        FrameHeader.wireBytes(ledger.payloadBytes),
        seconds,
        published,
        delivered,
        bytes,
        serverSeconds,
        clientSeconds,
        ledger.latency(),
        faults());
  }

  private void connectAll() throws IOException {
    long deadline = deadline();
    int started = 0;
    while (open < spec.subscribers() + 1) {
      while (started < spec.subscribers() && started + 1 - open < CONNECTING_AT_ONCE) {
        subscribers[started++] = new Subscriber(target, selector, ledger);
      }
      turn(SLICE_MILLIS);
      if (firstDeath != null) {
        throw new IOException(
            "connection %d of %d failed: %s"
                .formatted(open + 1, spec.subscribers() + 1, firstDeath.getMessage()),
            firstDeath);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "%d of %d connections open after %s"
                .formatted(open, spec.subscribers() + 1, spec.patience()));
      }
    }
  }

  /// Publishes now and then until every subscriber has received something and lacks nothing: a
  /// server may take a subscription later than it accepts the connection.
  private void reachAll() throws IOException {
    long deadline = deadline();
    long due = System.nanoTime();
    while (ledger.reached < spec.subscribers() || undelivered() > 0) {
      long now = System.nanoTime();
      if (ledger.reached < spec.subscribers() && now - due >= 0) {
        publisher.offer(now);
        publisher.flush();
        due = now + PROBE_NANOS;
      }
      turn(1);
      if (now - deadline > 0) {
        throw new IOException(
            "%d of %d subscribers on %s received something after %s; published to %s"
                .formatted(
                    ledger.reached,
                    spec.subscribers(),
                    target.subscribePath(),
                    spec.patience(),
                    target.publishPath()));
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
    long now;
    while ((now = System.nanoTime()) - end < 0) {
      // On average, rounded up: looking for the slowest subscriber would cost more than it tells.
      long underWay = (undelivered() + spec.subscribers() - 1) / spec.subscribers();
      long room = Math.min(window - underWay, PUBLISHED_PER_TURN);
      int offered = 0;
      while (offered < room && publisher.offer(now)) {
        offered++;
      }
      if (offered > 0) {
        publisher.flush();
      }
      turn(offered > 0 ? 0 : SLICE_MILLIS);
    }
  }

  private void publishAtRate(int messagesPerSecond, long end) throws IOException {
    double interval = 1e9 / messagesPerSecond;
    long begin = System.nanoTime();
    long sent = 0;
    long now;
    while ((now = System.nanoTime()) - end < 0) {
      long due = begin + (long) (sent * interval);
      boolean offered = false;
      while (now - due >= 0 && publisher.offer(due)) {
        offered = true;
        due = begin + (long) (++sent * interval);
      }
      if (offered) {
        publisher.flush();
      }
      // Below a millisecond the selector cannot wait, so the loop looks again at once.
      turn(Math.clamp(TimeUnit.NANOSECONDS.toMillis(due - now), 0, SLICE_MILLIS));
    }
  }

  private void drain() throws IOException {
    long deadline = deadline();
    while (undelivered() > 0 && dead == 0 && System.nanoTime() - deadline < 0) {
      turn(SLICE_MILLIS);
    }
  }

  /// One look at the sockets, waiting at most `millis`.
  private void turn(long millis) throws IOException {
    if (millis == 0) {
      selector.selectNow(this::serve);
    } else {
      selector.select(this::serve, millis);
    }
    if (!publisher.isAlive()) {
      throw new IOException("the publisher is gone: " + firstComplaint(), firstDeath);
    }
  }

  private void serve(SelectionKey key) {
    var connection = (Connection) key.attachment();
    try {
      if (connection.turn(scratch)) {
        open++;
      }
    } catch (IOException failure) {
      dead++;
      if (firstDeath == null) {
        firstDeath = failure;
      }
      connection.close();
    }
  }

  /// Deliveries that are still to come of everything published.
  private long undelivered() {
    return (long) publisher.published() * spec.subscribers() - ledger.awaited;
  }

  private LoadResult.Faults faults() {
    return new LoadResult.Faults(
        ledger.lost + undelivered(), ledger.gaps, ledger.repeated, dead, firstComplaint());
  }

  private @Nullable String firstComplaint() {
    return firstDeath == null ? null : firstDeath.getMessage();
  }

  private long deadline() {
    return System.nanoTime() + spec.patience().toNanos();
  }

  private static Duration ownCpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
