package dev.millrace.connect.jetstream;

import dev.millrace.connect.ConnectMetric;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Progress;
import dev.millrace.core.spec.Durations;
import dev.millrace.net.websocket.ConnectOutcome;
import dev.millrace.net.websocket.WebSocketClient;
import dev.millrace.net.websocket.WebSocketLimits;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps one server connected: which one, when to try again, when a connection is as good as dead.
/// Confined to the source's thread; whatever happens elsewhere wakes it.
final class Upstream {
  private static final int BAD_REQUEST = 400;

  private final JetstreamConfig config;
  private final WebSocketClient client;
  private final NodeContext context;
  private final Cursor cursor;
  private final List<URI> hosts;
  private final Subscription subscription;
  private final Backoff backoff;
  private int current;
  private volatile State state; // written here; gauges read it from other threads
  private boolean closed;

  /// Where the connection stands.
  private sealed interface State {

    /// Not connected; the next attempt is at `nanos`.
    record Waiting(long nanos) implements State {}

    /// `made` is set on the loop before `outcome` says that the connection is there.
    record Connecting(
        CompletableFuture<ConnectOutcome> outcome, AtomicReference<UpstreamConnection> made)
        implements State {}
  }

  /// Connected. Mutable, because it sees every event.
  private static final class Connected implements State {
    private final UpstreamConnection connection;
    private long lastEventNanos;
    private long firstEventNanos = Long.MIN_VALUE; // none yet
    private boolean sound;

    Connected(UpstreamConnection connection, long now) {
      this.connection = connection;
      this.lastEventNanos = now;
    }
  }

  Upstream(
      JetstreamConfig config,
      WebSocketClient client,
      NodeContext context,
      Cursor cursor,
      RandomGenerator random) {
    this.config = config;
    this.client = client;
    this.context = context;
    this.cursor = cursor;
    this.hosts = config.hosts().stream().map(Subscription::address).toList();
    this.subscription = new Subscription(config.wantedCollections(), config.wantedDids());
    this.backoff = new Backoff(config.minBackoff(), config.maxBackoff(), random);
    this.state = new State.Waiting(context.clock().nanoTime());
    var metrics = context.metrics();
    metrics.gauge(
        ConnectMetric.JETSTREAM_CONNECTED,
        () -> state instanceof Connected ? 1 : 0,
        context.pipeline(),
        context.node());
    metrics.gauge(
        ConnectMetric.JETSTREAM_QUEUED,
        () -> state instanceof Connected open ? open.connection.queued() : 0,
        context.pipeline(),
        context.node());
  }

  /// The server in use, or to be tried next.
  URI host() {
    return hosts.get(current);
  }

  /// The next message, null when none waits.
  byte @Nullable [] take() {
    return state instanceof Connected open ? open.connection.take() : null;
  }

  boolean hasMore() {
    return state instanceof Connected open && open.connection.queued() > 0;
  }

  /// Events have come.
  void flowing(long now) {
    if (state instanceof Connected open) {
      if (open.firstEventNanos == Long.MIN_VALUE) {
        open.firstEventNanos = now;
        context.recovered();
      }
      open.lastEventNanos = now;
      if (!open.sound && now - open.firstEventNanos >= config.soundAfter().toNanos()) {
        open.sound = true;
        backoff.reset();
      }
    }
  }

  /// Does what is due, with nothing left to take.
  Progress step(long now) {
    if (closed) {
      return Progress.AWAIT;
    }
    return switch (state) {
      case State.Waiting(long nanos) -> now < nanos ? Progress.at(nanos) : connect();
      case State.Connecting(var outcome, var made) ->
          outcome.isDone() ? arrived(outcome.join(), made, now) : Progress.AWAIT;
      case Connected open -> watch(open, now);
    };
  }

  /// Lets go of the server. What came before can still be taken.
  void close() {
    closed = true;
    switch (state) {
      case State.Waiting waiting -> {}
      case State.Connecting(var outcome, var made) -> outcome.cancel(false);
      case Connected open -> open.connection.close("the client is stopping");
    }
  }

  void forget() {
    var labels = new String[] {context.pipeline(), context.node()};
    context.metrics().removeGauge(ConnectMetric.JETSTREAM_CONNECTED, labels);
    context.metrics().removeGauge(ConnectMetric.JETSTREAM_QUEUED, labels);
  }

  private Progress connect() {
    var limits =
        new WebSocketLimits(
            config.maxMessage().toIntExact(),
            Duration.ofSeconds(5),
            config.pingInterval(),
            config.pingInterval());
    var target =
        new WebSocketClient.Target(
            subscription.uri(host(), cursor.at(host())), Map.of(), limits, config.connectTimeout());
    var hello = subscription.isTooLongForAddress() ? subscription.hello() : null;
    var made = new AtomicReference<UpstreamConnection>();
    var outcome =
        client.connect(
            target,
            connection -> {
              var listener =
                  new UpstreamConnection(connection, config.queueEvents(), hello, context::wake);
              made.set(listener);
              return listener;
            });
    var _ = outcome.whenComplete((result, failure) -> context.wake());
    state = new State.Connecting(outcome, made);
    return Progress.AWAIT;
  }

  private Progress arrived(
      ConnectOutcome outcome, AtomicReference<UpstreamConnection> made, long now) {
    return switch (outcome) {
      case ConnectOutcome.Connected connected -> {
        counted("connected");
        state = new Connected(made.get(), now);
        yield Progress.MORE;
      }
      case ConnectOutcome.Refused(int status, var headers, var body) -> {
        counted("refused");
        boolean ours = status == BAD_REQUEST;
        yield failed(
            host()
                + " answered "
                + status
                + (ours
                    ? " to our own request: " + shortened(body) + "; check hosts and wanted_…"
                    : ""),
            now,
            ours ? config.maxBackoff().toNanos() : 0);
      }
      case ConnectOutcome.Failed(var why) -> {
        counted("failed");
        yield failed(why, now, 0);
      }
    };
  }

  private Progress watch(Connected open, long now) {
    var end = open.connection.end();
    if (end != null) {
      counted("lost");
      var sentence =
          host()
              + " closed the connection ("
              + end.code()
              + (end.reason().isEmpty() ? "" : ", " + shortened(end.reason()))
              + ")";
      return open.sound ? again(sentence, now) : failed(sentence, now, 0);
    }
    if (!config.wantedDids().isEmpty()) {
      return Progress.AWAIT; // few accounts may be silent for hours; pings tell whether all is well
    }
    if (open.connection.isPaused()) {
      open.lastEventNanos = now;
    }
    long deadline = open.lastEventNanos + config.silence().toNanos();
    if (now < deadline) {
      return Progress.at(deadline);
    }
    counted("silent");
    open.connection.close("no events for " + Durations.format(config.silence()));
    return failed(host() + " was silent for " + Durations.format(config.silence()), now, 0);
  }

  /// A sound connection ended: the same server first, where the cursor is exact.
  private Progress again(String sentence, long now) {
    return waiting(sentence, now, backoff.nextNanos());
  }

  /// A server did not serve: the next one.
  private Progress failed(String sentence, long now, long atLeastNanos) {
    current = (current + 1) % hosts.size();
    return waiting(sentence, now, Math.max(atLeastNanos, backoff.nextNanos()));
  }

  private Progress waiting(String sentence, long now, long nanos) {
    context.trouble(
        sentence
            + "; connecting to "
            + host()
            + " in "
            + Durations.format(Duration.ofMillis(nanos / 1_000_000))
            + ", from the last event that was handed on");
    state = new State.Waiting(now + nanos);
    return Progress.at(now + nanos);
  }

  private void counted(String outcome) {
    context
        .metrics()
        .counter(ConnectMetric.JETSTREAM_CONNECTS, context.pipeline(), context.node(), outcome)
        .inc();
  }

  private static String shortened(String text) {
    var line = text.strip().lines().findFirst().orElse("");
    return line.length() <= 120 ? line : line.substring(0, 119) + "…";
  }
}
