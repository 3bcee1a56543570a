package dev.millrace.connect.jetstream;

import dev.millrace.connect.ConnectMetric;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.net.EventLoops;
import dev.millrace.net.websocket.WebSocketClient;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives Bluesky's events from a Jetstream server, for ever: it reconnects with growing waits,
/// goes to the next server when one fails, and asks each for what follows the last event handed on,
/// so that a restart or a failure leaves no gap. Events may come twice; their delivery keys tell. A
/// pipeline that is slow makes the server wait: reading pauses, nothing is dropped.
///
/// Everything here runs on the engine's thread; [UpstreamConnection] is where the event loop puts
/// what it reads.
public final class JetstreamSource implements Source {
  private static final Logger log = LoggerFactory.getLogger(JetstreamSource.class);

  /// A first event further behind the cursor than this means that the server no longer had what was
  /// asked for. Streams of everything have hundreds of events a second.
  private static final long GAP_US = 10_000_000;

  private final JetstreamConfig config;
  private final Supplier<WebSocketClient> clients;
  private @Nullable Upstream upstream;
  private @Nullable NodeContext context;
  private @Nullable Cursor cursor;
  private @Nullable Counters counters;
  private boolean draining;

  /// What is counted, looked up once.
  private record Counters(
      CounterDataPoint events,
      CounterDataPoint bytes,
      CounterDataPoint early,
      CounterDataPoint gaps) {}

  JetstreamSource(JetstreamConfig config, Supplier<WebSocketClient> clients) {
    this.config = config;
    this.clients = clients;
  }

  /// The node type; connections live on `loops`, which are asked for when a node opens, so that
  /// graphs can be checked without any.
  public static NodeType<JetstreamConfig> type(Supplier<EventLoops> loops) {
    return NodeType.source(
            "Jetstream",
            "Receives Bluesky's live events from a Jetstream server.",
            JetstreamConfig.class,
            config -> new JetstreamSource(config, () -> new WebSocketClient(loops.get())))
        .asLive();
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
    var start =
        new Cursor(opened.resumeAfter(Cursor.STREAM), config.rewind(), config.hosts().size());
    cursor = start;
    upstream = new Upstream(config, clients.get(), opened, start, new SplittableRandom());
    var labels = new String[] {opened.pipeline(), opened.node()};
    var metrics = opened.metrics();
    counters =
        new Counters(
            metrics.counter(ConnectMetric.JETSTREAM_EVENTS, labels),
            metrics.counter(ConnectMetric.JETSTREAM_BYTES, labels),
            metrics.counter(ConnectMetric.JETSTREAM_BEFORE_CURSOR, labels),
            metrics.counter(ConnectMetric.JETSTREAM_GAPS, labels));
  }

  @Override
  public Progress poll(Outlet outlet, int limit) {
    var server = upstream();
    long now = opened().clock().nanoTime();
    int events = 0;
    long bytes = 0;
    // A message that is no event counts as well: the turn stays bounded.
    for (int taken = 0; taken < limit; taken++) {
      var message = server.take();
      if (message == null) {
        break;
      }
      bytes += message.length;
      events += handle(message, outlet) ? 1 : 0;
    }
    counted().bytes().inc(bytes);
    counted().events().inc(events);
    if (events > 0) {
      server.flowing(now);
    }
    if (server.hasMore()) {
      return Progress.MORE;
    }
    return draining ? Progress.DONE : server.step(now);
  }

  @Override
  public @Nullable SourcePosition position() {
    return Objects.requireNonNull(cursor, "the source is not open").position();
  }

  @Override
  public void drain() {
    draining = true;
    upstream().close();
  }

  @Override
  public void close() {
    upstream().close();
    upstream().forget();
  }

  /// False for a message that is no event.
  private boolean handle(byte[] message, Outlet outlet) {
    var body = new Body.JsonBytes(message);
    return switch (body.view(JetstreamEvent.VIEW)) {
      case JetstreamEvent event -> {
        emit(event, body, outlet);
        yield true;
      }
      case EventReading.Malformed malformed -> {
        opened()
            .rejected(
                malformed.reason().label(),
                "a message of " + upstream().host() + ": " + malformed.sentence());
        yield false;
      }
    };
  }

  private void emit(JetstreamEvent event, Body body, Outlet outlet) {
    var at = Objects.requireNonNull(cursor, "the source is not open");
    if (at.isEarly(event.timeUs())) {
      counted().early().inc();
      return;
    }
    long gapUs = at.gapUs(event.timeUs());
    if (gapUs > GAP_US && config.wantedDids().isEmpty() && config.wantedCollections().isEmpty()) {
      counted().gaps().inc();
      log.warn(
          "{} begins {} s after the cursor: what lay between is no longer to be had there",
          upstream().host(),
          gapUs / 1_000_000);
    }
    at.advance(event.timeUs(), upstream().host());
    outlet.emit(new Frame(event.timeUs(), at.timeUs(), body, Metadata.NONE));
  }

  private Upstream upstream() {
    return Objects.requireNonNull(upstream, "the source is not open");
  }

  private Counters counted() {
    return Objects.requireNonNull(counters, "the source is not open");
  }

  private NodeContext opened() {
    return Objects.requireNonNull(context, "the source is not open");
  }
}
