package dev.millrace.app.server;

import dev.millrace.connect.redis.BrokerCondition;
import dev.millrace.connect.redis.BusCodec;
import dev.millrace.connect.redis.ClusterSpec;
import dev.millrace.connect.redis.DeadLetterRoutes;
import dev.millrace.connect.redis.EnvelopeCodec;
import dev.millrace.connect.redis.PeerView;
import dev.millrace.connect.redis.RedisBroker;
import dev.millrace.control.telemetry.FeedFacts;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.api.HealthReport;
import dev.millrace.gateway.wse.event.EventTransform;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubPorts;
import dev.millrace.hub.UserShelf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What joins this process to other instances; without a cluster, nothing. Constructed before the
/// hub, started after it, closed before it, so that what comes back still finds it.
final class Cluster implements AutoCloseable {
  private final @Nullable RedisBroker redis;
  private final @Nullable ClusterPresence presence;

  /// `mappings` are types of envelopes by types of events that other programs publish.
  Cluster(ClusterSpec spec, Map<String, String> mappings, Clock clock, Metrics metrics) {
    redis =
        switch (spec.broker().mode()) {
          case NONE -> null;
          case PUBSUB, STREAMS ->
              new RedisBroker(spec, new EnvelopeCodec(rawEvents(mappings)), clock, metrics);
        };
    presence = redis == null ? null : new ClusterPresence(redis.presence());
  }

  private static BusCodec.RawEvents rawEvents(Map<String, String> mappings) {
    var transform = new EventTransform(mappings);
    return (topic, value, object, nowMillis) ->
        switch (object
            ? transform.transform(value, nowMillis)
            : new EventTransform.Outcome.Unreadable("no object")) {
          case EventTransform.Outcome.Transformed(var envelope) -> envelope.message();
          case EventTransform.Outcome.Unreadable unreadable ->
              BusCodec.RawEvents.WHOLE.message(topic, value, object, nowMillis);
        };
  }

  /// What the hub is given to be one of several.
  HubPorts join(HubPorts ports) {
    return redis == null || presence == null
        ? ports
        : ports.withBroker(redis).withPresenceListener(presence);
  }

  /// Begins with the hub that was given what [#join] says.
  Cluster start(Hub hub) {
    if (redis != null && presence != null) {
      presence.attach(hub);
      redis.start();
    }
    return this;
  }

  /// Messages accepted that have not been delivered here yet.
  int waiting() {
    return redis == null ? 0 : redis.waiting();
  }

  RouteContribution routes() {
    return new DeadLetterRoutes(redis == null ? null : redis.deadLetters());
  }

  /// The component of `/health`, if there is a cluster.
  Map<String, HealthReport.Component> health() {
    return redis == null
        ? Map.of()
        : Map.of("cluster", component(redis.presence().instance(), redis.condition()));
  }

  /// For telemetry; null without a cluster.
  FeedFacts.@Nullable Cluster facts() {
    if (redis == null) {
      return null;
    }
    var now = redis.condition();
    var retry = redis.retryIn();
    return new FeedFacts.Cluster(
        now.deadLettersWaiting(),
        redis.deadLettersByTopic(FeedFacts.DEAD_LETTER_TOPICS),
        now.healthy(),
        now.publishErrors(),
        retry == null ? null : retry.toMillis(),
        redis.peers().stream().map(Cluster::peer).toList());
  }

  private static FeedFacts.Peer peer(PeerView peer) {
    return new FeedFacts.Peer(
        peer.instance(), peer.up(), peer.silent().toMillis(), peer.rttMicros(), peer.waiting());
  }

  /// Where clients find what they were subscribed to at another instance; null without a cluster.
  @Nullable UserShelf shelf() {
    return redis == null ? null : redis.shelf();
  }

  @Override
  public void close() {
    if (redis != null) {
      redis.close();
    }
  }

  private static HealthReport.Component component(String instance, BrokerCondition condition) {
    var details =
        Json.mapper()
            .createObjectNode()
            .put("instance", instance)
            .put("mode", condition.mode())
            .put("redis_connected", condition.connected())
            .put("redis_messages_published", condition.published())
            .put("redis_messages_received", condition.received())
            .put("redis_messages_delivered", condition.delivered())
            .put("redis_messages_dropped", condition.lost())
            .put("redis_publish_errors", condition.publishErrors())
            .put("redis_reconnect_count", Math.max(0, condition.connects() - 1))
            .put("redis_dlq_size", condition.deadLettersWaiting())
            .put("instances", condition.instances());
    if (condition.trouble() != null) {
      details.put("trouble", condition.trouble());
    }
    return new HealthReport.Component(condition.healthy(), details);
  }
}
