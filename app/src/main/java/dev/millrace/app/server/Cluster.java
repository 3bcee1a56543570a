package dev.millrace.app.server;

import dev.millrace.connect.redis.BrokerCondition;
import dev.millrace.connect.redis.BusCodec;
import dev.millrace.connect.redis.ClusterSpec;
import dev.millrace.connect.redis.DeadLetterRoutes;
import dev.millrace.connect.redis.EnvelopeCodec;
import dev.millrace.connect.redis.RedisBroker;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.api.HealthReport;
import dev.millrace.hub.Broker;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What joins this process to other instances; without a cluster, nothing. Constructed before the
/// hub, started after it, closed before it, so that what comes back still finds it.
final class Cluster implements AutoCloseable {
  private final @Nullable RedisBroker redis;

  Cluster(ClusterSpec spec, Clock clock, Metrics metrics) {
    this.redis =
        switch (spec.broker().mode()) {
          case NONE -> null;
          case PUBSUB, STREAMS ->
              new RedisBroker(spec, new EnvelopeCodec(BusCodec.RawEvents.WHOLE), clock, metrics);
        };
  }

  /// For the hub.
  Broker broker() {
    return redis == null ? Broker.IN_PROCESS : redis;
  }

  Cluster start() {
    if (redis != null) {
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
    return redis == null ? Map.of() : Map.of("cluster", component(redis.condition()));
  }

  @Override
  public void close() {
    if (redis != null) {
      redis.close();
    }
  }

  private static HealthReport.Component component(BrokerCondition condition) {
    var details =
        Json.mapper()
            .createObjectNode()
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
