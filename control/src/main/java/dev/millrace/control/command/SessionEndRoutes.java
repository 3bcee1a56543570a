package dev.millrace.control.command;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.util.List;

/// `DELETE /api/v1/sessions/{id}`: the command `kick` for whoever has the connection's address.
public final class SessionEndRoutes implements RouteContribution {
  private final CommandDesk desk;

  public SessionEndRoutes(CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "DELETE",
            "/api/v1/sessions/{id}",
            Surface.ADMIN,
            Route.Access.OPERATOR,
            Route.Docs.of("Ends a connection, as the command `kick` does.")
                .parameter("id", "path", "Its `id`, as the list and the log have it.")
                .parameter("code", "query", "The close code; 4010 if left out.")
                .parameter("reason", "query", "What its client is told.")
                .answers(
                    "{\"ok\":true,\"applied\":true,\"state\":{\"client\":"
                        + "\"ws_1f0c22aa_5b3e9d10\",\"user\":\"alice\",\"code\":4010}}")
                .fails(403, "FORBIDDEN", "the caller's role does not suffice; details.role would")
                .fails(404, "NOT_FOUND", "there is no such connection now")
                .fails(422, "VALIDATION_FAILED", "code or reason is not what it must be")
                .fails(503, "SHUTTING_DOWN", "the process is stopping")
                .fails(503, "TOO_MANY_COMMANDS", "too many commands are under way")
                .fails(504, "TIMEOUT", "the command takes long and goes on"),
            this::end));
  }

  private Response end(Request request) throws InterruptedException {
    var arguments = Json.mapper().createObjectNode().put("client", request.parameter("id"));
    for (var name : List.of("code", "reason")) {
      request.queryValue(name).ifPresent(value -> arguments.put(name, value));
    }
    return AdminRoutes.answer(
        desk.execute(
            new CommandCall(
                "kick",
                arguments,
                request.principal(),
                CommandCall.Origin.REST,
                request.id(),
                request.remoteAddress())));
  }
}
