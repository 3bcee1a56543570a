package dev.millrace.connect.redis;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// What could not be published while Redis was away: looking at it, and publishing it again.
public final class DeadLetterRoutes implements RouteContribution {
  private static final String PATH = "/api/v1/cluster/dead-letters";
  private static final int SHOWN = 100;

  private final @Nullable Replay letters;

  /// Without a cluster there are no `letters`.
  public DeadLetterRoutes(@Nullable Replay letters) {
    this.letters = letters;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            PATH,
            Surface.ADMIN,
            Route.Access.OPERATOR,
            Route.Docs.of("Messages that could not be published to other instances, newest first.")
                .parameter("topic", "query", "Of this topic only.")
                .parameter("limit", "query", "How many, 1 to 1000; 100 if left out.")
                .answers(
                    "{\"dead_letters\":[{\"topic\":\"orders\",\"id\":\"a1\",\"error\":\"the"
                        + " connection to Redis ended\",\"timestamp\":\"2026-01-31T12:00:00Z\","
                        + "\"message\":{\"t\":\"order\",\"p\":{}}}]}")
                .fails(400, "BAD_ARGUMENT", "limit is no number from 1 to 1000"),
            this::list),
        new Route(
            "POST",
            PATH + "/replay",
            Surface.ADMIN,
            Route.Access.OPERATOR,
            Route.Docs.of(
                    "Publishes dead letters of a topic again: one by its id, or all without one.")
                .takes("{\"topic\":\"orders\",\"id\":\"a1\"}")
                .answers("{\"replayed\":1,\"failed\":0}")
                .fails(400, "BAD_JSON", "the body is no JSON")
                .fails(400, "BAD_ARGUMENT", "the body names no topic")
                .fails(404, "NOT_FOUND", "there is no such dead letter in Redis")
                .fails(503, "REDIS_AWAY", "Redis is away, or refuses to publish"),
            this::replay));
  }

  private Response list(Request request) throws InterruptedException {
    var limit = limit(request);
    if (limit == null) {
      return Response.failure(400, "BAD_ARGUMENT", "limit is a number from 1 to " + Replay.LIMIT);
    }
    var body = Json.mapper().createObjectNode();
    var all = body.putArray("dead_letters");
    List<DeadLetter> found =
        letters == null ? List.of() : letters.list(request.queryValue("topic").orElse(null), limit);
    for (var letter : found) {
      var one =
          all.addObject()
              .put("topic", letter.topic())
              .put("id", letter.id())
              .put("error", letter.error())
              .put("timestamp", Instant.ofEpochMilli(letter.timestampMillis()).toString());
      one.set("message", Json.tree(letter.payload()));
    }
    return Response.json(200, body);
  }

  private Response replay(Request request) throws InterruptedException {
    String topic;
    @Nullable String id;
    try {
      var body = Json.tree(request.body());
      topic = body.path("topic").asString("");
      id = body.hasNonNull("id") ? body.get("id").asString() : null;
    } catch (JacksonException broken) {
      return Response.failure(400, "BAD_JSON", Json.complaint(request.body()));
    }
    if (topic.isEmpty()) {
      return Response.failure(
          400, "BAD_ARGUMENT", "a replay names a topic: {\"topic\":\"orders\"}");
    }
    var outcome = letters == null ? new Replay.Outcome.Unknown() : letters.replay(topic, id);
    return switch (outcome) {
      case Replay.Outcome.Replayed(int messages, int failed) ->
          Response.json(
              200,
              Json.mapper().createObjectNode().put("replayed", messages).put("failed", failed));
      case Replay.Outcome.Unknown() ->
          Response.failure(404, "NOT_FOUND", "there is no such dead letter in Redis");
      case Replay.Outcome.Away(var why) -> Response.failure(503, "REDIS_AWAY", why);
    };
  }

  private static @Nullable Integer limit(Request request) {
    var text = request.queryValue("limit").orElse(Integer.toString(SHOWN));
    try {
      int limit = Integer.parseInt(text);
      return limit >= 1 && limit <= Replay.LIMIT ? limit : null;
    } catch (NumberFormatException wrong) {
      return null;
    }
  }
}
