package dev.millrace.gateway.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.wse.codec.Stamps;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.hub.HistoryPage;
import dev.millrace.hub.Hub;
import dev.millrace.hub.PresenceMember;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.util.RawValue;

/// What a topic has kept, and who is there. Handlers run on virtual threads and wait for the
/// topic's loop.
public final class TopicReadingRoutes implements RouteContribution {
  private static final int USUAL = 100;
  private static final int MOST = 1_000;
  private static final long PATIENCE_SECONDS = 5;
  private static final String BUSY = "the topic's loop did not answer in time; try again";

  private final Hub hub;
  private final TopicAccess topicAccess;

  public TopicReadingRoutes(Hub hub, TopicAccess topicAccess) {
    this.hub = hub;
    this.topicAccess = topicAccess;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/topics/{topic}/history",
            Route.Access.VIEWER,
            Route.Docs.of("The newest messages that a topic has kept, oldest first.")
                .parameter("topic", "path", "The topic's name.")
                .parameter("limit", "query", "How many at most: 1 to 1000, default 100.")
                .answers(
                    "{\"topic\":\"demo\",\"epoch\":\"0000002a\",\"offset\":7,\"messages\":"
                        + "[{\"offset\":7,\"id\":\"o-7\",\"type\":\"order\","
                        + "\"ts\":\"2026-02-20T15:30:00.123Z\",\"payload\":{\"n\":1}}]}")
                .fails(400, "BAD_LIMIT", "limit is not a number from 1 to 1000")
                .fails(403, "TOPIC_FORBIDDEN", "the caller may not subscribe to this topic")
                .fails(404, "NO_HISTORY", "the topic keeps no messages")
                .fails(503, "BUSY", "the topic's loop did not answer in time"),
            this::history),
        new Route(
            "GET",
            "/api/v1/topics/{topic}/presence",
            Route.Access.VIEWER,
            Route.Docs.of("Who is on a topic, by user, and what they say of themselves.")
                .parameter("topic", "path", "The topic's name.")
                .answers(
                    "{\"topic\":\"room\",\"members\":"
                        + "{\"ann\":{\"data\":{\"at\":\"desk\"},\"connections\":2}}}")
                .fails(403, "TOPIC_FORBIDDEN", "the caller may not subscribe to this topic")
                .fails(404, "NO_PRESENCE", "the topic does not know who is there")
                .fails(503, "BUSY", "the topic's loop did not answer in time"),
            this::presence));
  }

  private Response history(Request request) throws InterruptedException {
    var topic = request.parameter("topic");
    int limit = limit(request.queryValue("limit").orElse(""));
    if (limit == 0) {
      return Response.failure(400, "BAD_LIMIT", "limit is a number from 1 to " + MOST);
    }
    var refusal = refusal(request, topic);
    if (refusal != null) {
      return refusal;
    }
    if (hub.settings(topic).retention() == null) {
      return Response.failure(404, "NO_HISTORY", "the topic keeps no messages");
    }
    var page = await(hub.history(topic, limit));
    return page == null ? busy() : Response.json(200, body(topic, page));
  }

  private static tools.jackson.databind.node.ObjectNode body(String topic, HistoryPage page) {
    var body =
        Json.mapper()
            .createObjectNode()
            .put("topic", topic)
            .put("epoch", Stamps.epoch(page.epoch()))
            .put("offset", page.offset());
    var messages = body.putArray("messages");
    for (var entry : page.entries()) {
      messages
          .addObject()
          .put("offset", entry.offset())
          .put("id", entry.id())
          .put("type", entry.type())
          .put("ts", Timestamps.text(entry.timestampMillis()))
          .putRawValue("payload", raw(entry.payload()));
    }
    return body;
  }

  private Response presence(Request request) throws InterruptedException {
    var topic = request.parameter("topic");
    var refusal = refusal(request, topic);
    if (refusal != null) {
      return refusal;
    }
    if (!hub.settings(topic).presence()) {
      return Response.failure(404, "NO_PRESENCE", "the topic does not know who is there");
    }
    var members = await(hub.presence(topic));
    if (members == null) {
      return busy();
    }
    var body = Json.mapper().createObjectNode().put("topic", topic);
    var users = body.putObject("members");
    for (PresenceMember member : members) {
      users
          .putObject(member.userId())
          .putRawValue("data", member.data().length == 0 ? null : raw(member.data()))
          .put("connections", member.connections());
    }
    return Response.json(200, body);
  }

  /// Whoever may not subscribe may not read either.
  private @Nullable Response refusal(Request request, String topic) throws InterruptedException {
    var caller = Caller.of(request.principal());
    boolean granted =
        !topicAccess.await(caller, Action.SUBSCRIBE, List.of(topic)).granted().isEmpty();
    var audience = hub.settings(topic).audience();
    boolean meant = audience.isEmpty() || audience.contains(Surface.API.label());
    return granted && meant
        ? null
        : Response.failure(403, "TOPIC_FORBIDDEN", "reading this topic is not allowed");
  }

  /// 0 for what is no limit.
  private static int limit(String text) {
    if (text.isEmpty()) {
      return USUAL;
    }
    try {
      int limit = Integer.parseInt(text);
      return limit >= 1 && limit <= MOST ? limit : 0;
    } catch (NumberFormatException wrong) {
      return 0;
    }
  }

  private static <T> @Nullable T await(CompletionStage<T> answer) throws InterruptedException {
    try {
      return answer.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      return null;
    } catch (ExecutionException failure) {
      throw new IllegalStateException("a topic could not be read", failure);
    }
  }

  private static Response busy() {
    return Response.failure(503, "BUSY", BUSY).withHeader("Retry-After", "1");
  }

  private static RawValue raw(byte[] json) {
    return new RawValue(new String(json, StandardCharsets.UTF_8));
  }
}
