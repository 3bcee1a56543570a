package dev.millrace.gateway.publish;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.acl.PublishGate;
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
import dev.millrace.gateway.wse.SystemFrames;
import dev.millrace.hub.Hub;
import dev.millrace.hub.Priority;
import dev.millrace.hub.PublishingSpec;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketLimits;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.util.List;

/// Publishing at full speed: one connection per topic, one frame per event, no envelope. The
/// event's type is the query's `type`, by default the topic, its priority the query's `priority`;
/// with `envelope=1` a frame is an event as REST takes it, which says these and more itself; with
/// `ack=1` every frame is answered.
/// Safe from any thread.
public final class PublishEndpoint implements AutoCloseable {
  private static final String PATH = "/ws/publish/{topic}";

  /// A publisher that has vanished without a word is noticed after two of these at most.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Hub hub;
  private final TopicAccess topics;
  private final LeaseWatch leases;
  private final Kills kills;
  private final Roster<PublishSession> sessions = new Roster<>(SessionKind.PUBLISH);
  private volatile WebSocketLimits limits; // these two: written by apply
  private volatile PublishingSpec spec;
  private volatile boolean closed; // written once by close
  private final SystemFrames frames;
  private final CounterDataPoint invalid;
  private final CounterDataPoint refused;

  public PublishEndpoint(
      Hub hub,
      PublishingSpec spec,
      WebSocketLimits limits,
      TopicAccess topics,
      LeaseWatch leases,
      Kills kills,
      Clock clock,
      Metrics metrics) {
    this.hub = hub;
    this.spec = spec;
    this.topics = topics;
    this.limits = limits.withPings(PATIENCE, PATIENCE);
    this.leases = leases;
    this.kills = kills;
    this.frames = SystemFrames.of(clock);
    this.invalid = metrics.counter(PublishMetric.INVALID);
    this.refused = metrics.counter(PublishMetric.REFUSED);
    metrics.gauge(PublishMetric.CONNECTIONS, sessions::size);
  }

  /// Goes by these limits with the next connection.
  public void apply(PublishingSpec newSpec, WebSocketLimits newLimits) {
    spec = newSpec;
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

  /// Closes every connection with 1012, so that its client comes back. Idempotent; returns before
  /// the closing handshakes are done.
  @Override
  public void close() {
    closed = true;
    sessions.all().forEach(PublishSession::restartSoon);
  }

  /// What the route table gets.
  public List<WebSocketEndpoint> endpoints() {
    return List.of(
        new WebSocketEndpoint(
            PATH,
            Surface.PUBLISH,
            Route.Access.PUBLISHER,
            "Each frame is one JSON value and becomes the payload of one event of the topic;"
                + " with envelope=1 it is the event; with ack=1 it is answered.",
            OriginPolicy.CONFIGURED,
            (request, parameters, admission) ->
                switch (admission) {
                  case Admission.Admitted(var caller, var lease) ->
                      open(request, parameters.getOrDefault("topic", ""), caller, lease);
                  case Admission.Rejected rejected -> rejected.asRefusal();
                }));
  }

  private Upgrade open(RequestHead request, String topic, Principal principal, Lease lease) {
    var objection = hub.objectionToName(topic);
    if (objection != null) {
      return new Upgrade.Refuse(Response.failure(400, "TOPIC_NAME", objection));
    }
    var priority = Priority.named(request.queryValue("priority").orElse("normal"));
    if (priority.isEmpty()) {
      return new Upgrade.Refuse(
          Response.failure(
              400, "BAD_EVENT", "priority is one of critical, high, normal, low, background"));
    }
    var manner =
        new Manner(
            topic,
            request.queryValue("type").filter(name -> !name.isBlank()).orElse(topic),
            priority.get(),
            isSet(request, "envelope"),
            isSet(request, "ack"),
            spec.maxInFlight());
    var gate = new PublishGate(topics, Caller.of(principal));
    var known = gate.known(topic);
    return known != null
        ? open(known, manner, gate, lease)
        : new Upgrade.Later(
            topics
                .decide(gate.caller(), Action.PUBLISH, List.of(topic))
                .thenApply(
                    decision -> () -> open(decision.refused().isEmpty(), manner, gate, lease)));
  }

  private Upgrade open(boolean granted, Manner manner, PublishGate gate, Lease lease) {
    return granted
        ? new Upgrade.Accept(
            connection -> new PublishSession(this, connection, lease, manner, gate), limits)
        : new Upgrade.Refuse(
            Response.failure(403, "TOPIC_FORBIDDEN", "publishing to this topic is not allowed"));
  }

  private static boolean isSet(RequestHead request, String flag) {
    return request
        .queryValue(flag)
        .filter(value -> value.equals("1") || value.equals("true"))
        .isPresent();
  }

  /// How a connection publishes, as its address says: each frame is a payload of events of `type`
  /// and `priority`, or with `envelopes` an event as the REST body has it.
  record Manner(
      String topic,
      String type,
      Priority priority,
      boolean envelopes,
      boolean acknowledges,
      int maxInFlight) {}

  // For the sessions.

  void entered(PublishSession session) {
    sessions.add(session);
    if (closed) {
      session.restartSoon(); // it came in while the others were being told
    }
  }

  void left(PublishSession session) {
    sessions.remove(session);
  }

  LeaseWatch leases() {
    return leases;
  }

  Kills kills() {
    return kills;
  }

  Hub hub() {
    return hub;
  }

  SystemFrames frames() {
    return frames;
  }

  CounterDataPoint invalid() {
    return invalid;
  }

  CounterDataPoint refused() {
    return refused;
  }
}
