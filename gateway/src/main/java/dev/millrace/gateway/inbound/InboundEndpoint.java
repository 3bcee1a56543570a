package dev.millrace.gateway.inbound;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.gateway.session.Roster;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.hub.Hub;
import dev.millrace.hub.InboundSpec;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketLimits;
import java.time.Duration;
import java.util.List;

/// The endpoint `/ws/inbound`: an [InboundSession] per program. Needs the role publisher: a program
/// that takes what clients send also speaks for this server. Safe from any thread.
public final class InboundEndpoint implements AutoCloseable {
  /// A program that has vanished without a word is noticed after two of these at most.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Hub hub;
  private final InboundQueue queue;
  private final int maxConnections;
  private final Parts parts;
  private final Roster<InboundSession> sessions = new Roster<>(SessionKind.INBOUND);
  private volatile WebSocketLimits limits; // written by apply
  private volatile boolean closed; // written once by close

  /// What sessions need besides.
  public record Parts(
      TopicAccess topics, LeaseWatch leases, Kills kills, Clock clock, Metrics metrics) {}

  public InboundEndpoint(
      Hub hub, InboundQueue queue, InboundSpec spec, WebSocketLimits limits, Parts parts) {
    this.hub = hub;
    this.queue = queue;
    this.maxConnections = spec.maxConnections();
    this.limits = limits.withPings(PATIENCE, PATIENCE);
    this.parts = parts;
    parts.metrics().gauge(InboundMetric.CONNECTIONS, sessions::size);
  }

  /// Goes by these limits with the next connection.
  public void apply(WebSocketLimits newLimits) {
    limits = newLimits.withPings(PATIENCE, PATIENCE);
  }

  /// Connections now.
  public int connections() {
    return sessions.size();
  }

  /// Its connections, for operators.
  public SessionSource sessions() {
    return sessions;
  }

  /// Closes every connection with 1012. Idempotent; returns before the closing handshakes are done.
  @Override
  public void close() {
    closed = true;
    sessions.all().forEach(InboundSession::restartSoon);
  }

  /// What the route table gets.
  public List<WebSocketEndpoint> endpoints() {
    return List.of(
        new WebSocketEndpoint(
            "/ws/inbound",
            Surface.INBOUND,
            Route.Access.PUBLISHER,
            "For programs: takes what clients send in batches, answers them, publishes.",
            OriginPolicy.CONFIGURED,
            (request, parameters, admission) ->
                switch (admission) {
                  case Admission.Admitted(var _, var lease) -> open(lease);
                  case Admission.Rejected rejected -> rejected.asRefusal();
                }));
  }

  private Upgrade open(Lease lease) {
    if (sessions.size() >= maxConnections) {
      return new Upgrade.Refuse(
          Response.failure(503, "OVERLOADED", "there are too many programs already")
              .withHeader("Retry-After", "5"));
    }
    return new Upgrade.Accept(connection -> new InboundSession(this, connection, lease), limits);
  }

  // For the sessions.

  void entered(InboundSession session) {
    sessions.add(session);
    queue.programCame();
    if (closed) {
      session.restartSoon(); // it came in while the others were being told
    }
  }

  void left(InboundSession session) {
    if (sessions.remove(session)) {
      queue.programLeft();
    }
  }

  Hub hub() {
    return hub;
  }

  InboundQueue queue() {
    return queue;
  }

  Parts parts() {
    return parts;
  }
}
