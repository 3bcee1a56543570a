package dev.millrace.control.command;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// `POST /api/v1/admin/{name}` for every command. The body is a JSON object with its arguments, or
/// empty; query parameters are arguments too, as text.
public final class AdminRoutes implements RouteContribution {
  private static final int LONGEST_BODY = 64 << 10;

  // May carry a credential, and are never arguments.
  private static final Set<String> CREDENTIALS = Set.of("token", "access_token");

  private final CommandDesk desk;

  public AdminRoutes(CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public List<Route> routes() {
    return desk.commands().stream().map(this::route).toList();
  }

  private Route route(Command command) {
    return new Route(
        "POST",
        "/api/v1/admin/" + command.name(),
        Surface.ADMIN,
        access(command.role()),
        command
            .docs()
            .fails(400, "BAD_JSON", "the body is no JSON object")
            .fails(400, "AMBIGUOUS", "an argument stands in the body and in the query")
            .fails(403, "FORBIDDEN", "the caller's role does not suffice; details.role would")
            .fails(413, "BODY_TOO_LARGE", "the body is over 64 KiB")
            .fails(415, "UNSUPPORTED_MEDIA_TYPE", "the body is not application/json")
            .fails(503, "SHUTTING_DOWN", "the process is stopping")
            .fails(503, "TOO_MANY_COMMANDS", "too many commands are under way")
            .fails(504, "TIMEOUT", "the command takes long and goes on"),
        request -> give(command, request));
  }

  private Response give(Command command, Request request) throws InterruptedException {
    return switch (arguments(request)) {
      case Arguments.Wrong(var response) -> response;
      case Arguments.Read(var fields) ->
          answer(
              desk.execute(
                  new CommandCall(
                      command.name(),
                      fields,
                      request.principal(),
                      CommandCall.Origin.REST,
                      request.id(),
                      request.remoteAddress())));
    };
  }

  /// What a request says beside the command.
  private sealed interface Arguments {
    record Read(ObjectNode fields) implements Arguments {}

    record Wrong(Response response) implements Arguments {}

    static Wrong wrong(int status, String code, String message) {
      return new Wrong(Response.failure(status, code, message));
    }
  }

  private static Arguments arguments(Request request) {
    var fields = Json.mapper().createObjectNode();
    var body = request.body();
    if (body.length > LONGEST_BODY) {
      return Arguments.wrong(413, "BODY_TOO_LARGE", "a command's body has at most 64 KiB");
    }
    if (body.length > 0) {
      if (!isJson(request)) {
        return Arguments.wrong(
            415, "UNSUPPORTED_MEDIA_TYPE", "send Content-Type: application/json, or no body");
      }
      switch (Json.kindOf(body)) {
        case OBJECT -> fields = (ObjectNode) Json.tree(body);
        case ARRAY, SCALAR -> {
          return Arguments.wrong(400, "BAD_JSON", "the body must be a JSON object");
        }
        case null -> {
          return Arguments.wrong(400, "BAD_JSON", Json.complaint(body));
        }
      }
    }
    for (var parameter : request.query().entrySet()) {
      var name = parameter.getKey();
      if (CREDENTIALS.contains(name) || parameter.getValue().isEmpty()) {
        continue;
      }
      if (fields.has(name) || parameter.getValue().size() > 1) {
        return Arguments.wrong(400, "AMBIGUOUS", "an argument is given more than once");
      }
      fields.put(name, parameter.getValue().getFirst());
    }
    return new Arguments.Read(fields);
  }

  /// RFC 9110, section 8.3.1: type and subtype are case-insensitive, parameters may follow.
  private static boolean isJson(Request request) {
    var type = request.header("content-type").orElse("");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end))
        .strip()
        .toLowerCase(Locale.ROOT)
        .equals(Response.JSON);
  }

  static Response answer(CommandResult result) {
    return switch (result) {
      case CommandResult.Done(var applied, var fields, var _) ->
          Response.json(200, Json.mapper().createObjectNode().put("ok", true).setAll(fields));
      case CommandResult.Failed(int status, var code, var message, var details) ->
          Response.failure(status, code, message, details);
    };
  }

  private static Route.Access access(Role role) {
    return switch (role) {
      case VIEWER -> Route.Access.VIEWER;
      case PUBLISHER -> Route.Access.PUBLISHER;
      case OPERATOR -> Route.Access.OPERATOR;
      case ADMIN -> Route.Access.ADMIN;
    };
  }
}
