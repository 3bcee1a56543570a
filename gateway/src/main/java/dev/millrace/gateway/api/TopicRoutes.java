package dev.millrace.gateway.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.hub.Hub;
import dev.millrace.hub.Message;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.hub.TopicStats;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/// Publishing to topics, and looking at them.
public final class TopicRoutes implements RouteContribution {
  private static final String EXAMPLE =
      "{\"name\":\"demo\",\"subscribers\":2,\"messages\":10,\"payload_bytes\":420,\"epoch\":7,\"offset\":10}";

  private static final long PATIENCE_SECONDS = 10;

  private final Hub hub;
  private final TopicAccess topicAccess;
  private final Clock clock;
  private final TopicPage page;

  public TopicRoutes(Hub hub, TopicAccess topicAccess, Clock clock) {
    this.hub = hub;
    this.topicAccess = topicAccess;
    this.clock = clock;
    this.page = new TopicPage(clock);
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "POST",
            "/api/v1/topics/{topic}",
            Surface.PUBLISH,
            Route.Access.PUBLISHER,
            Route.Docs.of("Publishes one event, or an array of them, all or none.")
                .parameter("topic", "path", "The topic's name.")
                .parameter("raw", "query", "1: the body's bytes are the payload.")
                .parameter("type", "query", "With raw: the event's type; default the topic.")
                .takes(
                    "{\"type\":\"hello\",\"payload\":{\"text\":\"world\"},\"priority\":\"normal\"}")
                .answers("{\"accepted\":1}")
                .fails(400, "BAD_EVENT", "the body is not what it must be; details.at says where")
                .fails(400, "BAD_TOPIC", "no topic can be called that")
                .fails(403, "TOPIC_FORBIDDEN", "the caller may not publish to this topic")
                .fails(413, "MESSAGE_TOO_LARGE", "a message is over its limit on the wire")
                .fails(503, "INBOX_FULL", "the topic's inbox is full; Retry-After says when"),
            this::publish),
        new Route(
            "GET",
            "/api/v1/topics",
            Route.Access.VIEWER,
            Route.Docs.of("All topics by name.").answers("{\"topics\":[" + EXAMPLE + "]}"),
            request -> list()),
        new Route(
            "GET",
            "/api/v1/topics/{topic}",
            Route.Access.VIEWER,
            Route.Docs.of(
                    "One topic, closely: its logs by wire form, what is kept, and rates since"
                        + " somebody last asked.")
                .parameter("topic", "path", "The topic's name.")
                .answers(TopicPage.EXAMPLE)
                .fails(404, "NOT_FOUND", "there is no such topic now"),
            this::one));
  }

  private Response publish(Request request) throws InterruptedException {
    var topic = request.parameter("topic");
    var caller = Caller.of(request.principal());
    if (topicAccess.await(caller, Action.PUBLISH, List.of(topic)).granted().isEmpty()) {
      return Response.failure(403, "TOPIC_FORBIDDEN", "publishing to this topic is not allowed");
    }
    List<Message> messages;
    try {
      messages = isRaw(request) ? List.of(raw(request, topic)) : read(request);
    } catch (PublishBody.Unreadable wrong) {
      var details = Json.mapper().createObjectNode().put("at", wrong.where());
      return Response.failure(400, "BAD_EVENT", wrong.what(), details);
    }
    return switch (hub.publish(topic, messages)) {
      case PublishOutcome.Accepted(int accepted) ->
          Response.json(202, Json.mapper().createObjectNode().put("accepted", accepted));
      case PublishOutcome.Refused(var problem) -> {
        var details = Json.mapper().createObjectNode().put("fix", problem.fix());
        if (problem.code().equals("E_MESSAGE_TOO_LARGE")) {
          details.put("max_size", hub.maxMessageBytes());
        }
        yield Response.failure(
            status(problem.code()), code(problem.code()), problem.what(), details);
      }
      case PublishOutcome.Full() ->
          Response.failure(503, "INBOX_FULL", "the topic's inbox is full; try again in a second")
              .withHeader("Retry-After", "1");
    };
  }

  private List<Message> read(Request request) throws PublishBody.Unreadable {
    return PublishBody.read(request.body(), clock.epochMillis());
  }

  private Message raw(Request request, String topic) throws PublishBody.Unreadable {
    var type = request.queryValue("type").filter(given -> !given.isEmpty()).orElse(topic);
    return PublishBody.raw(request.body(), type, clock.epochMillis());
  }

  private static boolean isRaw(Request request) {
    return request
        .queryValue("raw")
        .filter(raw -> raw.equals("1") || raw.equals("true"))
        .isPresent();
  }

  private static int status(String problemCode) {
    return switch (problemCode) {
      case "E_MESSAGE_TOO_LARGE", "E_BATCH_TOO_LARGE" -> 413;
      case "E_TOO_MANY_TOPICS", "E_CLOSED" -> 503;
      default -> 400;
    };
  }

  /// The codes of the API carry no prefix.
  private static String code(String problemCode) {
    return switch (problemCode) {
      case "E_TOPIC_NAME" -> "BAD_TOPIC";
      case "E_MESSAGE_NAME" -> "BAD_EVENT";
      default -> problemCode.substring(2);
    };
  }

  private Response list() {
    var body = Json.mapper().createObjectNode();
    var topics = body.putArray("topics");
    hub.topics().forEach(topic -> topics.add(node(topic)));
    return Response.json(200, body);
  }

  private Response one(Request request) throws Exception {
    return hub.detail(request.parameter("topic"))
        .toCompletableFuture()
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .map(detail -> Response.json(200, page.fill(node(detail.stats()), detail)))
        .orElseGet(() -> Response.failure(404, "NOT_FOUND", "there is no such topic now"));
  }

  private static ObjectNode node(TopicStats topic) {
    return Json.mapper()
        .createObjectNode()
        .put("name", topic.name())
        .put("subscribers", topic.subscribers())
        .put("messages", topic.messages())
        .put("payload_bytes", topic.payloadBytes())
        .put("epoch", Integer.toUnsignedLong(topic.epoch()))
        .put("offset", topic.offset());
  }
}
