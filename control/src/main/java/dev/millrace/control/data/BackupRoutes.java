package dev.millrace.control.data;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// Backups over HTTP: the command `backup` begins one and answers at once with its id, because a
/// large one takes longer than a request may; `GET /api/v1/admin/backup/{id}` tells how it stands
/// and, once it is ready, hands it out. Handlers are safe from any thread.
public final class BackupRoutes implements RouteContribution {
  private static final String MEDIA_TYPE = "application/zip";

  private final BackupDesk desk;

  public BackupRoutes(BackupDesk desk) {
    this.desk = desk;
  }

  /// For the desk of commands, so that whoever takes a backup is on record.
  public Command command() {
    return new Command(
        "backup",
        Role.ADMIN,
        Route.Docs.of("Begins a backup of the data directory; fetch it at admin/backup/{id}.")
            .answers("{\"ok\":true,\"applied\":true,\"state\":{\"id\":\"5b0c…\",\"permille\":0}}")
            .fails(409, "BACKUP_RUNNING", "another backup is being written")
            .fails(507, "INSUFFICIENT_SPACE", "the disk has too little space for it"),
        this::begin);
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/admin/backup/{id}",
            Surface.ADMIN,
            Route.Access.ADMIN,
            Route.Docs.of(
                    "A backup: 202 while it is being written, then 200 with the archive, once.")
                .parameter("id", "path", "what the command backup answered")
                .answers(
                    "{\"ok\":true,\"applied\":false,\"state\":{\"id\":\"5b0c…\",\"permille\":412}}")
                .fails(
                    404, "NO_SUCH_BACKUP", "it has been fetched, replaced or is over an hour old")
                .fails(500, "BACKUP_FAILED", "it could not be written")
                .fails(507, "INSUFFICIENT_SPACE", "it was given up because space ran short"),
            request ->
                answer(
                    request.parameter("id"),
                    // Asking about the headers must not use the archive up.
                    request.method().equals("HEAD")
                        ? desk.look(request.parameter("id"))
                        : desk.fetch(request.parameter("id")),
                    request.method().equals("HEAD"))));
  }

  private CommandResult begin(CommandCall call) throws IOException {
    return switch (desk.start()) {
      case BackupDesk.Start.Started(var id) -> CommandResult.Done.of(true, state(id, 0));
      case BackupDesk.Start.AlreadyRunning(var id) ->
          new CommandResult.Failed(
              409,
              "BACKUP_RUNNING",
              "the backup " + id + " is being written; wait for it to end",
              Json.mapper().createObjectNode().put("id", id));
      case BackupDesk.Start.NoSpace(var sentence) ->
          CommandResult.Failed.of(507, "INSUFFICIENT_SPACE", sentence);
      case BackupDesk.Start.ShuttingDown() ->
          CommandResult.Failed.of(503, "SHUTTING_DOWN", "the server is stopping");
    };
  }

  private static Response answer(String id, BackupDesk.State state, boolean headOnly) {
    return switch (state) {
      case BackupDesk.State.Running(var permille) -> {
        var body = Json.mapper().createObjectNode().put("ok", true).put("applied", false);
        body.set("state", state(id, permille));
        yield Response.json(202, body).withHeader("Retry-After", "1");
      }
      case BackupDesk.State.Ready(var archive, var name) ->
          (headOnly
                  ? new Response(200, MEDIA_TYPE, new byte[0], Map.of())
                  : Response.temporaryFile(MEDIA_TYPE, archive))
              .withHeader("Content-Disposition", "attachment; filename=\"" + name + "\"")
              .withHeader("Cache-Control", "no-store");
      case BackupDesk.State.NoSpace(var sentence) ->
          Response.failure(507, "INSUFFICIENT_SPACE", sentence);
      case BackupDesk.State.Failed(var sentence) ->
          Response.failure(500, "BACKUP_FAILED", sentence);
      case BackupDesk.State.Gone() ->
          Response.failure(
              404,
              "NO_SUCH_BACKUP",
              "there is no such backup: it has been fetched, replaced or is over an hour old");
    };
  }

  private static ObjectNode state(String id, int permille) {
    return Json.mapper().createObjectNode().put("id", id).put("permille", permille);
  }
}
