package dev.millrace.gateway.sse;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.session.Roster;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.wse.LoopPort;
import dev.millrace.hub.Hub;
import dev.millrace.hub.Session;
import dev.millrace.hub.SseSpec;
import dev.millrace.net.Loop;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// The route `/sse?topics=a,b`: opens an [SseSession] per connection, sends comments where nothing
/// else was sent, and ends them all when the server stops. Safe from any thread; sessions belong to
/// their loops.
public final class SseEndpoint implements RouteContribution, AutoCloseable {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String RETRY_AFTER = "Retry-After";

  private final Hub hub;
  private final TopicAccess topicAccess;
  private final Kills kills;
  private final Metrics metrics;
  private final Map<Loop, Set<SseSession>> sessions = new LinkedHashMap<>(); // each set its loop's
  private final Roster<SseSession> roster = new Roster<>(SessionKind.SSE);
  private final Clock clock;
  private final AtomicInteger connections = new AtomicInteger(); // handlers add, loops take away
  private final Clock.Timer seconds;
  private volatile SseSpec spec; // written by apply
  private volatile boolean closed; // written once by close

  public SseEndpoint(
      Hub hub,
      SseSpec spec,
      List<Loop> loops,
      TopicAccess topicAccess,
      Kills kills,
      Clock clock,
      Metrics metrics) {
    this.hub = hub;
    this.spec = spec;
    this.topicAccess = topicAccess;
    this.kills = kills;
    this.clock = clock;
    this.metrics = metrics;
    loops.forEach(loop -> sessions.put(loop, new HashSet<>()));
    this.seconds = clock.every(SECOND, this::beatEverywhere);
    topicAccess.whenChanged(this::recheckEverywhere);
    metrics.gauge(SseMetric.CONNECTIONS, connections::get);
  }

  /// Goes by these from now on.
  public void apply(SseSpec newSpec) {
    spec = newSpec;
  }

  /// Connections now.
  public int connections() {
    return connections.get();
  }

  /// Its connections, for operators.
  public SessionSource sessions() {
    return roster;
  }

  /// Ends every connection; browsers come back by themselves. Idempotent; returns before the last
  /// bytes have left.
  @Override
  public void close() {
    closed = true;
    seconds.cancel();
    sessions.forEach(
        (loop, own) -> loop.execute(() -> List.copyOf(own).forEach(SseSession::restart)));
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/sse",
            Surface.SSE,
            Route.Access.CLIENT,
            Route.Docs.of("The events of topics as server-sent events, without an end.")
                .parameter("topics", "query", "Names of topics, with commas between them.")
                .parameter(
                    "lastEventId",
                    "query",
                    "The id of the last event the client has got, if it cannot send the header"
                        + " Last-Event-ID.")
                .answers(
                    "event: greeting\ndata: {\"t\":\"greeting\",\"p\":{\"from\":\"you\"}}\nid:"
                        + " 0000002a-000000000007\n\n")
                .fails(400, "NO_TOPICS", "the query names no topic")
                .fails(
                    400,
                    "TOO_MANY_SUBSCRIPTIONS",
                    "the query names more topics than one may ask for")
                .fails(400, "BAD_TOPIC", "no topic can be called that")
                .fails(403, "TOPIC_FORBIDDEN", "the caller may not subscribe to a topic")
                .fails(503, "OVERLOADED", "there are too many connections; Retry-After says when")
                .fails(503, "CLOSED", "the server is stopping"),
            this::open));
  }

  /// On the request's virtual thread, which may wait for whoever decides about topics.
  private Response open(Request request) throws InterruptedException {
    var asked = SseRequest.of(request, request.principal());
    var wrong = objection(asked);
    if (wrong != null) {
      return wrong;
    }
    var refused = topicAccess.await(asked.caller(), Action.SUBSCRIBE, asked.topics()).refused();
    if (!refused.isEmpty()) {
      metrics.counter(SseMetric.REFUSED, "forbidden").inc();
      var topics = Json.mapper().createObjectNode();
      refused.keySet().forEach(topics.putArray("topics")::add);
      return Response.failure(403, "TOPIC_FORBIDDEN", refused.values().iterator().next(), topics);
    }
    if (connections.incrementAndGet() > spec.maxConnections()) {
      connections.decrementAndGet();
      metrics.counter(SseMetric.REFUSED, "overload").inc();
      return Response.failure(503, "OVERLOADED", "there are too many connections; try again later")
          .withHeader(RETRY_AFTER, "5");
    }
    return Response.live("text/event-stream", new SseSession(this, asked))
        .withHeader("X-Accel-Buffering", "no");
  }

  private @org.jspecify.annotations.Nullable Response objection(SseRequest asked) {
    if (closed) {
      return Response.failure(503, "CLOSED", "the server is stopping").withHeader(RETRY_AFTER, "5");
    }
    if (asked.topics().isEmpty()) {
      return Response.failure(400, "NO_TOPICS", "name topics, as in /sse?topics=a,b");
    }
    int most = spec.maxTopics();
    if (asked.topics().size() > most) {
      return Response.failure(
          400,
          "TOO_MANY_SUBSCRIPTIONS",
          "at most " + most + " topics, not " + asked.topics().size());
    }
    for (var topic : asked.topics()) {
      var objection = hub.objectionToName(topic);
      if (objection != null) {
        return Response.failure(400, "BAD_TOPIC", objection);
      }
    }
    return null;
  }

  /// Ends connections with a topic that the rules do not allow any more; who comes back is told.
  private void recheckEverywhere() {
    sessions.forEach(
        (loop, own) ->
            loop.execute(
                () -> {
                  for (var session : List.copyOf(own)) {
                    session.recheck(topicAccess.deliverable(session.caller()));
                  }
                }));
  }

  private void beatEverywhere() {
    int heartbeat = (int) spec.heartbeatInterval().toSeconds();
    sessions.forEach(
        (loop, own) -> loop.execute(() -> own.forEach(session -> session.second(heartbeat))));
  }

  // For the sessions.

  Hub hub() {
    return hub;
  }

  long nowMillis() {
    return clock.epochMillis();
  }

  Kills kills() {
    return kills;
  }

  /// The session of a connection that has opened on `loop`. On the loop.
  Session join(SseSession session, Loop loop, SseForm form) {
    own(loop).add(session);
    roster.add(session);
    if (closed) {
      loop.execute(session::restart); // it came in while the others were being told
    }
    return hub.open(new LoopPort(loop), form, session);
  }

  /// A connection has ended. On its loop.
  void forget(Loop loop, SseSession session) {
    own(loop).remove(session);
    roster.remove(session);
  }

  /// A connection that was counted is over, opened or not.
  void left() {
    connections.decrementAndGet();
  }

  void closed(String reason) {
    metrics.counter(SseMetric.CLOSED, reason).inc();
  }

  void resumed(boolean recovered) {
    metrics.counter(SseMetric.RESUMED, recovered ? "complete" : "missed").inc();
  }

  /// What a client is told, another number for each, so that not all come back at once.
  long retryMillis() {
    long least = spec.retry().toMillis();
    return least + ThreadLocalRandom.current().nextLong(least + 1);
  }

  private Set<SseSession> own(Loop loop) {
    var own = sessions.get(loop);
    if (own == null) {
      throw new IllegalArgumentException("nothing is served on loop " + loop.index());
    }
    return own;
  }
}
