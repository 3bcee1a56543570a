package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.auth.Admission;
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

  private final Hub hub;
  private final HubSpec spec;
  private final Clock clock;
  private final WebSocketLimits limits;
  private final WseCounters counters;
  private final SystemFrames frames;
  private final Handshake handshake;
  private final List<Loop> loops;
  private final List<Pulse> pulses = new ArrayList<>(); // by loop
  private final AtomicInteger connections = new AtomicInteger();
  private final Clock.Timer heartbeat;

  /// Where the dialect runs and what it says of itself.
  public record Setting(List<Loop> loops, WebSocketLimits limits, String serverVersion) {
    public Setting {
      loops = List.copyOf(loops);
    }
  }

  public WseDialect(Hub hub, HubSpec spec, Setting setting, Clock clock, Metrics metrics) {
    this(hub, spec, setting, clock, metrics, SystemFrames.of(clock));
  }

  WseDialect(
      Hub hub, HubSpec spec, Setting setting, Clock clock, Metrics metrics, SystemFrames frames) {
    this.hub = hub;
    this.spec = spec;
    this.clock = clock;
    this.limits = setting.limits();
    this.loops = setting.loops();
    this.frames = frames;
    this.counters = new WseCounters(metrics);
    this.handshake = new Handshake(spec, frames, setting.serverVersion());
    for (int i = 0; i < loops.size(); i++) {
      pulses.add(new Pulse());
    }
    metrics.gauge(WseMetric.CONNECTIONS, connections::get);
    this.heartbeat =
        clock.every(spec.heartbeatInterval().dividedBy(Pulse.BEATS), this::beatEverywhere);
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
                    (request, parameters, admission) ->
                        switch (admission) {
                          case Admission.Admitted admitted -> open(request);
                          case Admission.Rejected rejected -> rejected.asRefusal();
                        }))
        .toList();
  }

  /// Connections now.
  public int connections() {
    return connections.get();
  }

  /// Closes every connection with 1012, so that its client comes back. Idempotent; returns before
  /// the closing handshakes are done.
  @Override
  public void close() {
    heartbeat.cancel();
    for (int i = 0; i < loops.size(); i++) {
      var pulse = pulses.get(i);
      loops.get(i).execute(() -> pulse.all().forEach(WseSession::restart));
    }
  }

  Upgrade open(RequestHead request) {
    var client = ClientInfo.anonymous(request);
    return new Upgrade.Accept(connection -> listen(connection, client), limits);
  }

  private WebSocketListener listen(WebSocketConnection connection, ClientInfo client) {
    if (connections.incrementAndGet() > spec.maxConnections()) {
      connections.decrementAndGet();
      counters.refusedOverload.inc();
      return new Overload(connection, frames);
    }
    return new WseSession(this, connection, client);
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
    return spec;
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
    return handshake;
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
