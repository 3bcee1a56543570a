package dev.millrace.control.pipeline;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandDesk;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// Making, changing and driving pipelines over HTTP. Everything is a command of the desk, but for
/// triggers, which are data: they go in beside one another and are not in the audit trail,
/// whichever way they come.
public final class GraphRoutes implements RouteContribution {
  private static final String ALL = "/api/v1/pipelines";
  private static final String ONE = ALL + "/{name}";
  private static final String GRAPH =
      """
      {"name":"demo","nodes":[{"id":"louder","type":"Gain","config":{"gain_db":6}},
        {"id":"out","type":"Publish","config":{"topic":"loud"}}],
       "connections":[{"from":"louder","to":"out"}]}\
      """;

  private final CommandDesk desk;
  private final Triggers triggers;

  /// `commands` are those whose commands `desk` carries out.
  public GraphRoutes(CommandDesk desk, GraphCommands commands) {
    this.desk = desk;
    this.triggers = commands.triggers();
  }

  @Override
  public List<Route> routes() {
    return List.of(
        route(
            "POST",
            ALL,
            Route.Access.ADMIN,
            GraphCommands.creating(
                common(
                    Route.Docs.of(
                            "Makes a pipeline from a graph document, answered 201. It lives until"
                                + " the process ends and is Idle until it is started. Its files"
                                + " are those below the data directory.")
                        .parameter("name", "query", "Its name, instead of the document's.")
                        .parameter("autostart", "query", "true starts it at once.")
                        .takes(GRAPH))),
            this::create),
        route(
            "PUT",
            ONE,
            Route.Access.ADMIN,
            GraphCommands.changing(
                common(
                    named(
                            "Gives a pipeline another graph. If it runs it goes on, and no frame is"
                                + " lost on the ways that stay; where that cannot be, it drains and"
                                + " starts anew. change says which, and which nodes were kept.")
                        .takes(GRAPH))),
            request -> give(request, "pipeline_change", 200, withGraph(request))),
        route(
            "DELETE",
            ONE,
            Route.Access.ADMIN,
            GraphCommands.deleting(common(named("Ends and forgets a pipeline made by POST."))),
            request -> give(request, "pipeline_delete", 200, target(request))),
        move("start", "Begins a run of a pipeline that is Idle or whose run has ended.", "Running"),
        move(
            "stop",
            "Drains a pipeline; the answer comes after the drain, and what nodes keep can still be"
                + " read.",
            "Completed"),
        move(
            "pause",
            "Has every node stand still after the frame in hand; queues keep what is in them.",
            "Paused"),
        move("resume", "Goes on after a pause.", "Running"),
        route(
            "POST",
            ONE + "/trigger",
            Route.Access.OPERATOR,
            GraphCommands.triggering(
                named(
                        "Puts one frame into a pipeline, answered 202; without a body an empty"
                            + " frame of now. The request's id becomes the frame's trace_id.")
                    .parameter("node", "query", "The one entry to put it into; default all.")
                    .parameter("wait", "query", "true waits for room instead of 429.")
                    .takes(
                        "{\"timestamp\":0,\"sequence_id\":0,\"payload\":{\"ch0\":[0.5]},"
                            + "\"metadata\":{}}")),
            this::trigger),
        route(
            "POST",
            ONE + "/replay",
            Route.Access.OPERATOR,
            FrameReplays.describing(
                common(
                    named(
                            "Puts one frame in front of a node, as if it had come over that edge:"
                                + " the given one, or, with trace instead of frame, the last that"
                                + " the node before it made of that trace, if it is still kept.")
                        .takes("{" + FrameReplays.BODY))),
            this::replay));
  }

  private Route move(String verb, String summary, String state) {
    boolean stop = verb.equals("stop");
    return route(
        "POST",
        ONE + "/" + verb,
        Route.Access.OPERATOR,
        GraphCommands.transitions(
            common(
                named(summary)
                    .answers(
                        GraphCommands.STATE.formatted(
                            state, stop ? "AdminPause" : "AdminStart", stop)))),
        request -> give(request, "pipeline_" + verb, 200, target(request)));
  }

  private Response create(Request request) throws InterruptedException {
    var arguments = Json.mapper().createObjectNode();
    request.queryValue("name").ifPresent(name -> arguments.put("pipeline", name));
    request.queryValue("autostart").ifPresent(value -> arguments.put("autostart", value));
    return give(request, "pipeline_create", 201, arguments.put("graph", body(request)));
  }

  private Response trigger(Request request) throws InterruptedException {
    return answer(
        202,
        triggers.trigger(
            request.parameter("name"),
            request.queryValue("node").orElse(null),
            request.body(),
            request.queryValue("wait").orElse("").equals("true"),
            request.id()));
  }

  private Response replay(Request request) throws InterruptedException {
    ObjectNode arguments;
    try {
      if (!(Json.tree(request.body()) instanceof ObjectNode given)) {
        return notAnObject();
      }
      arguments = given;
    } catch (JacksonException broken) {
      return notAnObject();
    }
    return give(
        request, "pipeline_replay", 202, arguments.put("pipeline", request.parameter("name")));
  }

  private static Response notAnObject() {
    return Response.failure(
        422, "VALIDATION_FAILED", "the body is a JSON object with edge, and frame or trace");
  }

  private Response give(Request request, String command, int status, ObjectNode arguments)
      throws InterruptedException {
    return answer(
        status,
        desk.execute(
            new CommandCall(
                command,
                arguments,
                request.principal(),
                CommandCall.Origin.REST,
                request.id(),
                request.remoteAddress())));
  }

  private static Response answer(int status, CommandResult result) {
    return switch (result) {
      case CommandResult.Done(var _, var fields, var _) ->
          Response.json(status, Json.mapper().createObjectNode().put("ok", true).setAll(fields));
      case CommandResult.Failed(int failed, var code, var message, var details) -> {
        var response = Response.failure(failed, code, message, details);
        yield failed == 429 || failed == 503 ? response.withHeader("Retry-After", "1") : response;
      }
    };
  }

  private static ObjectNode target(Request request) {
    return Json.mapper().createObjectNode().put("pipeline", request.parameter("name"));
  }

  private static ObjectNode withGraph(Request request) {
    return target(request).put("graph", body(request));
  }

  /// As text, so that problems have lines and columns, and the trail keeps none of it.
  private static String body(Request request) {
    return new String(request.body(), StandardCharsets.UTF_8);
  }

  private static Route route(
      String method, String path, Route.Access access, Route.Docs docs, Route.Handler handler) {
    return new Route(method, path, Surface.ADMIN, access, docs, handler);
  }

  private static Route.Docs named(String summary) {
    return Route.Docs.of(summary).parameter("name", "path", "The pipeline's name.");
  }

  private static Route.Docs common(Route.Docs docs) {
    return docs.fails(503, "SHUTTING_DOWN", "the process is stopping")
        .fails(503, "TOO_MANY_COMMANDS", "too many commands are under way")
        .fails(504, "TIMEOUT", "the command takes long and goes on");
  }
}
