package dev.millrace.gateway.publish;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.gateway.wse.SystemFrames;
import dev.millrace.hub.Hub;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketLimits;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.List;

/// Publishing at full speed: one connection per topic, one frame per event, no envelope. The
/// event's type is the query's `type`, by default the topic; with `ack=1` every frame is answered.
/// Safe from any thread.
public final class PublishEndpoint {
  private static final String PATH = "/ws/publish/{topic}";

  private final Hub hub;
  private final WebSocketLimits limits;
  private final SystemFrames frames;
  private final CounterDataPoint invalid;
  private final CounterDataPoint refused;

  public PublishEndpoint(Hub hub, WebSocketLimits limits, Clock clock, Metrics metrics) {
    this.hub = hub;
    this.limits = limits;
    this.frames = SystemFrames.of(clock);
    this.invalid = metrics.counter(PublishMetric.INVALID);
    this.refused = metrics.counter(PublishMetric.REFUSED);
  }

  /// What the route table gets.
  public List<WebSocketEndpoint> endpoints() {
    return List.of(
        new WebSocketEndpoint(
            PATH,
            Surface.PUBLISH,
            Route.Access.PUBLISHER,
            "Each frame is one JSON value and becomes the payload of one event of the topic.",
            OriginPolicy.CONFIGURED,
            (request, parameters, admission) ->
                switch (admission) {
                  case Admission.Admitted admitted ->
                      open(request, parameters.getOrDefault("topic", ""));
                  case Admission.Rejected rejected -> rejected.asRefusal();
                }));
  }

  Upgrade open(RequestHead request, String topic) {
    var objection = hub.objectionToName(topic);
    if (objection != null) {
      return new Upgrade.Refuse(Response.failure(400, "TOPIC_NAME", objection));
    }
    var type = request.queryValue("type").filter(name -> !name.isBlank()).orElse(topic);
    boolean acknowledges =
        request
            .queryValue("ack")
            .filter(value -> value.equals("1") || value.equals("true"))
            .isPresent();
    return new Upgrade.Accept(
        connection -> new PublishSession(this, connection, topic, type, acknowledges), limits);
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
