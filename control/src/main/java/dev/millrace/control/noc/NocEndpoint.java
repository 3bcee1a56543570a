package dev.millrace.control.noc;

import dev.millrace.control.command.Command;
import dev.millrace.control.log.LogTail;
import dev.millrace.control.telemetry.Capabilities;
import dev.millrace.control.telemetry.IntervalEvents;
import dev.millrace.control.telemetry.Sections;
import dev.millrace.control.telemetry.SignalJson;
import dev.millrace.control.telemetry.Telemetry;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.Signal;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.net.Loop;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The endpoint `/ws/noc`: gives every signal of the process to every console as an event that is
/// encoded once, and takes their commands. Whoever announces a signal never waits for a console.
///
/// Events are numbered by `n`: a console that sees a gap has missed as many. Where the bus dropped
/// signals for all consoles, the gap shows at the next event. Safe from any thread; sessions belong
/// to their loops.
public final class NocEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NocEndpoint.class);
  private static final String PATH = "/ws/noc";
  private static final int TOO_MANY_CLIENTS = 4029;

  /// The close code of a rejected caller is this and its HTTP status.
  private static final int REJECTED = 4000;

  /// A command and its arguments; a jammed console is cut after a second.
  private static final WebSocketLimits LIMITS =
      new WebSocketLimits(
          64 << 10, Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofSeconds(10));

  private static final Duration RECONCILE = Duration.ofSeconds(60);

  private final Setting setting;
  private final Behind behind;
  private final Clock clock;
  private final Metrics metrics;
  private final CounterDataPoint events;
  private final CounterDataPoint invalid;
  private final List<LoopSockets> loops;
  private final LogFollowers followers = new LogFollowers();
  private final Orders orders;
  private final AtomicInteger connections = new AtomicInteger(); // every loop counts
  private final AtomicLong nextId = new AtomicLong(1); // every loop counts
  private volatile NocSpec spec; // written by apply

  private int watching; // guarded by this: consoles that want interval events
  private volatile SignalBus.@Nullable Subscription<Signal> subscription; // written by start
  private long delivered; // confined to the bus's thread, after start
  private volatile long number; // written by the bus's thread

  /// Where the endpoint runs and what it says of itself. `bootId` differs from start to start.
  public record Setting(
      List<Loop> loops, String bootId, Capabilities capabilities, LeaseWatch leases) {
    public Setting {
      loops = List.copyOf(loops);
    }
  }

  /// What consoles are shown and may do.
  public record Behind(
      Sections sections,
      Telemetry telemetry,
      IntervalEvents intervals,
      Command.Handler commands,
      Tails tails) {}

  /// Opens a tail of the log.
  @FunctionalInterface
  public interface Tails {
    LogTail open(Level least, String target, int limitPerSecond);
  }

  public NocEndpoint(NocSpec spec, Setting setting, Behind behind, Clock clock, Metrics metrics) {
    this.spec = spec;
    this.setting = setting;
    this.behind = behind;
    this.clock = clock;
    this.metrics = metrics;
    this.events = metrics.counter(NocMetric.EVENTS);
    this.invalid = metrics.counter(NocMetric.INVALID);
    this.orders = new Orders(behind.commands(), behind.tails(), followers, clock, metrics);
    var leftOut = metrics.counter(NocMetric.LEFT_OUT);
    this.loops =
        setting.loops().stream()
            .map(loop -> new LoopSockets(loop, () -> this.spec, leftOut))
            .toList();
    metrics.gauge(NocMetric.CONNECTIONS, connections::get);
  }

  /// Listens to the bus from now on.
  public NocEndpoint start() {
    var bus = behind.sections().bus();
    number = bus.published();
    delivered = number;
    // Nothing to reconcile: consoles see gaps in the numbers and ask for the picture again.
    subscription = bus.subscribe("noc", Signal.class, this::broadcast, RECONCILE, () -> {});
    return this;
  }

  /// What the route table gets.
  public List<WebSocketEndpoint> endpoints() {
    return List.of(
        new WebSocketEndpoint(
            PATH,
            Surface.NOC,
            Route.Access.VIEWER,
            "The operators' socket: the whole picture, then every event; commands.",
            OriginPolicy.CONFIGURED,
            (request, parameters, admission) ->
                new Upgrade.Accept(connection -> listen(connection, admission), LIMITS)));
  }

  /// Takes on other limits; sockets that are open feel them with their next event.
  public void apply(NocSpec changed) {
    spec = changed;
  }

  /// Consoles now.
  public int connections() {
    return connections.get();
  }

  /// Closes every console with 1012, so that it comes back. Idempotent; returns before the closing
  /// handshakes are done.
  @Override
  public void close() {
    var listening = subscription;
    if (listening != null) {
      listening.close();
    }
    for (var sockets : loops) {
      sockets.execute(() -> sockets.all().forEach(NocSession::restart));
    }
  }

  private WebSocketListener listen(WebSocketConnection connection, Admission admission) {
    return switch (admission) {
      case Admission.Rejected(var status, var code, var message, var _) -> {
        metrics.counter(NocMetric.REFUSED, "auth").inc();
        yield new Rejection(connection, REJECTED + status, code, message);
      }
      case Admission.Admitted(var principal, var lease) -> {
        if (connections.incrementAndGet() > spec.maxNocClients()) {
          connections.decrementAndGet();
          metrics.counter(NocMetric.REFUSED, "limit").inc();
          yield new Rejection(
              connection,
              TOO_MANY_CLIENTS,
              "TOO_MANY_CLIENTS",
              "as many operators' sockets are open as server.max_noc_clients allows");
        }
        yield new NocSession(
            this,
            socketsOf(connection.loop()),
            connection,
            lease,
            "noc-" + nextId.getAndIncrement());
      }
    };
  }

  /// On the bus's thread.
  private void broadcast(Signal signal) {
    var listening = subscription;
    delivered++;
    // What the bus dropped counts as sent: a console finds the gap.
    number = delivered + (listening == null ? 0 : listening.dropped());
    if (loops.stream().allMatch(LoopSockets::isEmpty)) {
      return;
    }
    var type = signal.getClass().getSimpleName();
    var frame = NocFrames.event(type, SignalJson.payload(signal), now(), number);
    events.inc();
    loops.forEach(sockets -> sockets.offer(frame));
  }

  private LoopSockets socketsOf(Loop loop) {
    for (var sockets : loops) {
      if (sockets.loop().equals(loop)) {
        return sockets;
      }
    }
    throw new IllegalArgumentException("the endpoint does not run on loop " + loop.index());
  }

  // For the sessions.

  NocSpec spec() {
    return spec;
  }

  Instant now() {
    return SignalJson.instant(clock.epochMicros());
  }

  long nanoTime() {
    return clock.nanoTime();
  }

  LeaseWatch leases() {
    return setting.leases();
  }

  LogFollowers followers() {
    return followers;
  }

  /// A console is there: the first one starts the interval events.
  synchronized void joined() {
    if (watching++ == 0) {
      behind.intervals().start(() -> followers.send(now()));
    }
  }

  /// A console is gone: the last one stops the interval events.
  void left(NocSession session) {
    connections.decrementAndGet();
    followers.end(session);
    synchronized (this) {
      if (--watching == 0) {
        behind.intervals().stop();
      }
    }
  }

  /// The whole picture for one caller. On a virtual thread.
  byte[] hello(Principal caller) {
    var picture = NocFrames.message("hello").put("server_time", now().toString());
    picture
        .put("version", setting.capabilities().version())
        .put("generation", behind.sections().generation().getAsLong())
        .put("boot_id", setting.bootId())
        .put("n", number)
        .putNull("market");
    picture.putArray("assets");
    picture.putNull("arena");
    var telemetry = behind.telemetry().last();
    if (telemetry == null) {
      picture.putNull("telemetry");
    } else {
      picture.set("telemetry", SignalJson.of(telemetry));
    }
    var pipelines = picture.putArray("pipelines");
    behind.intervals().pipelines().forEach(line -> pipelines.add(SignalJson.of(line)));
    picture.set("clients", SignalJson.of(behind.telemetry().clients()));
    var role = caller.role();
    picture.put("role", role == null ? null : role.label());
    picture.set("capabilities", setting.capabilities().of(caller));
    return NocFrames.frame(picture);
  }

  /// The answer to an order. On a virtual thread.
  byte[] execute(NocRequest.Order order, NocSession session, Principal caller) {
    return orders.execute(order, session, caller);
  }

  void invalid() {
    invalid.inc();
  }

  void tooMany() {
    metrics.counter(NocMetric.COMMANDS, "refused").inc();
  }

  void failed(NocSession session, RuntimeException failure) {
    log.error("The picture for {} could not be made", session.id(), failure);
  }

  void killed(NocSession session, String reason, String detail) {
    metrics.counter(NocMetric.KILLED, reason).inc();
    log.atWarn()
        .addKeyValue("event", "kill")
        .addKeyValue("kind", "noc")
        .addKeyValue("id", session.id())
        .addKeyValue("reason", reason)
        .addKeyValue("caller", session.principal().name())
        .log("An operators' socket is ended: {}", detail);
    behind.sections().bus().announce(new Killed("noc", session.id(), reason, detail));
  }
}
