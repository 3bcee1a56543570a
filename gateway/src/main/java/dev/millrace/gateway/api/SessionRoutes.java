package dev.millrace.gateway.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.gateway.session.SessionDesk;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.session.SessionView;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.node.ObjectNode;

/// Looking at the connections of every surface for clients. Ending one is the command `kick`.
public final class SessionRoutes implements RouteContribution {
  private static final int MOST = 1_000;
  private static final String DEFAULT_LIMIT = "100";
  private static final long PATIENCE_SECONDS = 10;
  private static final String EXAMPLE =
      "{\"id\":\"ws_1f0c22aa_5b3e9d10\",\"kind\":\"wse\",\"user\":\"alice\","
          + "\"state\":\"connected\",\"topics\":2,"
          + "\"depth\":0,\"age_s\":61,\"messages_out\":1204,\"bytes_out\":180600,\"messages_in\":9,"
          + "\"bytes_in\":410,\"dropped\":0,\"quality\":\"excellent\",\"client_version\":\"2.0.7\"";

  private final SessionDesk sessions;

  public SessionRoutes(SessionDesk sessions) {
    this.sessions = sessions;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/sessions",
            Route.Access.VIEWER,
            Route.Docs.of(
                    "Connections of /wse, /sse, /ws/publish and /ws/inbound, those that are"
                        + " furthest behind first. `matching` is how many there are, `by_state` how"
                        + " they are, `by_kind` of which kind.")
                .parameter("kind", "query", "Only wse, sse, publish or inbound.")
                .parameter("user", "query", "Only those of this user.")
                .parameter(
                    "topic",
                    "query",
                    "Only those subscribed to this topic or pattern, or publishing on it.")
                .parameter("limit", "query", "How many, 1 to 1000; 100 if left out.")
                .answers(
                    "{\"sessions\":["
                        + EXAMPLE
                        + "}],\"matching\":1,\"by_state\":{\"connected\":1},"
                        + "\"by_kind\":{\"wse\":1}}")
                .fails(
                    400,
                    "BAD_ARGUMENT",
                    "limit is no number from 1 to 1000, or kind is none of these"),
            this::list),
        new Route(
            "GET",
            "/api/v1/sessions/{id}",
            Route.Access.VIEWER,
            Route.Docs.of("One connection, and what it is subscribed to.")
                .parameter("id", "path", "Its `id`, as the list and the log have it.")
                .answers(EXAMPLE + ",\"subscriptions\":[\"orders\",\"user.*\"]}")
                .fails(404, "NOT_FOUND", "there is no such connection now"),
            this::one));
  }

  private Response list(Request request) throws Exception {
    int limit = limit(request.queryValue("limit").orElse(DEFAULT_LIMIT));
    if (limit == 0) {
      return Response.failure(400, "BAD_ARGUMENT", "limit is a number from 1 to " + MOST);
    }
    var named = request.queryValue("kind");
    var kind = named.flatMap(SessionKind::named);
    if (named.isPresent() && kind.isEmpty()) {
      return Response.failure(400, "BAD_ARGUMENT", "kind is one of wse, sse, publish and inbound");
    }
    var wish =
        new SessionSource.Wish(
            request.queryValue("user").orElse(null),
            request.queryValue("topic").orElse(null),
            limit);
    var found = answer(sessions.find(kind.orElse(null), wish));
    var answer = found.answer();
    var body = Json.mapper().createObjectNode();
    var listed = body.putArray("sessions");
    answer.clients().forEach(client -> listed.add(node(client)));
    var byState = body.put("matching", answer.matching()).putObject("by_state");
    answer.byState().forEach(byState::put);
    found.byKind().forEach(body.putObject("by_kind")::put);
    return Response.json(200, body);
  }

  private Response one(Request request) throws Exception {
    return answer(sessions.get(request.parameter("id")))
        .map(
            found -> {
              var body = node(found.client());
              found.topics().forEach(body.putArray("subscriptions")::add);
              return Response.json(200, body);
            })
        .orElseGet(() -> Response.failure(404, "NOT_FOUND", "there is no such connection now"));
  }

  private static <T> T answer(CompletionStage<T> stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /// 0 for what is none.
  private static int limit(String text) {
    return text.matches("[0-9]{1,4}") && Integer.parseInt(text) <= MOST
        ? Integer.parseInt(text)
        : 0;
  }

  private static ObjectNode node(SessionView client) {
    return Json.mapper()
        .createObjectNode()
        .put("id", client.id())
        .put("kind", client.kind().label())
        .put("user", client.user())
        .put("state", client.state())
        .put("topics", client.topics())
        .put("depth", client.depth())
        .put("age_s", client.ageSeconds())
        .put("messages_out", client.messagesOut())
        .put("bytes_out", client.bytesOut())
        .put("messages_in", client.messagesIn())
        .put("bytes_in", client.bytesIn())
        .put("dropped", client.dropped())
        .put("quality", client.quality())
        .put("client_version", client.clientVersion());
  }
}
