package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.event.Rejects;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubSpec;
import dev.millrace.net.Loop;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The endpoint `/wse`: opens a [WseSession] per connection, beats their hearts and closes them
/// when the server stops. Safe from any thread; sessions belong to their loops.
public final class WseDialect implements AutoCloseable {
  private static final List<String> PATHS = List.of("/wse", "/wse/", "/wse/wse");

  /// Longest message of a caller that is not let in: it is told so and closed, and what it says
  /// meanwhile must not take up memory.
  private static final int MOST_OF_STRANGERS = 4 << 10;

  private final Hub hub;
  private final Clock clock;
  private final Surroundings around;
  private final WseCounters counters;
  private final SystemFrames frames;
  private final Rejects rejects;
  private final List<Loop> loops;
  private final List<Pulse> pulses = new ArrayList<>(); // by loop
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Terms terms; // written by apply, under the lock
  private Clock.Timer heartbeat; // guarded by the lock
  private boolean closed; // guarded by the lock

  /// What a reload may change.
  private record Terms(HubSpec spec, WebSocketLimits limits, Handshake handshake) {}

  /// Where the dialect runs, what it says of itself, who watches its leases and who is told of its
  /// kills.
  public record Surroundings(
      List<Loop> loops, String serverVersion, LeaseWatch leases, Kills kills) {
    public Surroundings {
      loops = List.copyOf(loops);
    }
  }

  public WseDialect(
      Hub hub,
      HubSpec spec,
      WebSocketLimits limits,
      Surroundings around,
      Clock clock,
      Metrics metrics) {
    this.hub = hub;
    this.clock = clock;
    this.around = around;
    this.loops = around.loops();
    this.frames = SystemFrames.of(clock);
    this.rejects = new Rejects(clock);
    this.counters = new WseCounters(metrics);
    this.terms = terms(spec, limits);
    for (int i = 0; i < loops.size(); i++) {
      pulses.add(new Pulse());
    }
    metrics.gauge(WseMetric.CONNECTIONS, connections::get);
    this.heartbeat = startHeartbeat(spec);
  }

  /// Goes by these from now on: heartbeats and idle time everywhere, the rest with the next
  /// connection.
  public synchronized void apply(HubSpec spec, WebSocketLimits limits) {
    boolean anotherPace = !spec.heartbeatInterval().equals(terms.spec.heartbeatInterval());
    terms = terms(spec, limits);
    if (anotherPace && !closed) {
      heartbeat.cancel();
      heartbeat = startHeartbeat(spec);
    }
  }

  private Terms terms(HubSpec spec, WebSocketLimits limits) {
    return new Terms(spec, limits, new Handshake(spec, frames, around.serverVersion()));
  }

  private Clock.Timer startHeartbeat(HubSpec spec) {
    return clock.every(spec.heartbeatInterval().dividedBy(Pulse.BEATS), this::beatEverywhere);
  }

  /// What the route table gets.
  public List<WebSocketEndpoint> endpoints() {
    return PATHS.stream()
        .map(
            path ->
                new WebSocketEndpoint(
                    path,
                    Surface.WSE,
                    Route.Access.PUBLIC,
                    "Topics over WebSocket: subscribe, publish, heartbeats.",
                    OriginPolicy.CONFIGURED,
                    (request, parameters, admission) -> open(request, admission)))
        .toList();
  }

  /// Connections now.
  public int connections() {
    return connections.get();
  }

  /// Closes every connection with 1012, so that its client comes back. Idempotent; returns before
  /// the closing handshakes are done.
  @Override
  public synchronized void close() {
    closed = true;
    heartbeat.cancel();
    for (int i = 0; i < loops.size(); i++) {
      var pulse = pulses.get(i);
      loops.get(i).execute(() -> pulse.all().forEach(WseSession::restart));
    }
  }

  private Upgrade open(RequestHead request, Admission admission) {
    var now = terms;
    return switch (admission) {
      case Admission.Rejected rejected -> {
        counters.refusedCaller.inc();
        yield new Upgrade.Accept(
            connection -> new Rejection(connection, frames, rejected),
            now.limits.withMaxMessageBytes(MOST_OF_STRANGERS));
      }
      case Admission.Admitted(var principal, var lease) -> {
        var client = ClientInfo.of(request, principal);
        yield new Upgrade.Accept(connection -> listen(connection, client, lease, now), now.limits);
      }
    };
  }

  private WebSocketListener listen(
      WebSocketConnection connection, ClientInfo client, Lease lease, Terms now) {
    if (connections.incrementAndGet() > now.spec.maxConnections()) {
      connections.decrementAndGet();
      counters.refusedOverload.inc();
      rejects.rejected(
          Surface.WSE.label(),
          "TooManyConnections",
          "hub.max_connections is reached",
          connection.remoteAddress());
      return new Overload(connection, frames);
    }
    return new WseSession(this, connection, client, lease);
  }

  private void beatEverywhere() {
    for (int i = 0; i < loops.size(); i++) {
      loops.get(i).execute(pulses.get(i)::beat);
    }
  }

  // For the sessions.

  Hub hub() {
    return hub;
  }

  HubSpec spec() {
    return terms.spec;
  }

  Clock clock() {
    return clock;
  }

  WseCounters counters() {
    return counters;
  }

  SystemFrames frames() {
    return frames;
  }

  Handshake handshake() {
    return terms.handshake;
  }

  LeaseWatch leases() {
    return around.leases();
  }

  Kills kills() {
    return around.kills();
  }

  Pulse pulseOf(Loop loop) {
    int number = loops.indexOf(loop);
    if (number < 0) {
      throw new IllegalArgumentException("the dialect does not run on loop " + loop.index());
    }
    return pulses.get(number);
  }

  void left() {
    connections.decrementAndGet();
  }
}
