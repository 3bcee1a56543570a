package dev.millrace.control.command;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.gateway.session.SessionDesk;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// `kick`: ends a connection of a client. By the close code its client knows whether to come back.
public final class KickCommand {
  private static final int KICKED = 4010;
  private static final String REASON = "Ended by an operator";
  private static final long PATIENCE_SECONDS = 10;

  /// RFC 6455, section 5.5: a control frame has 125 bytes, two of which are the code.
  private static final int LONGEST_REASON = 123;

  private final Supplier<@Nullable SessionDesk> clients;

  private KickCommand(Supplier<@Nullable SessionDesk> clients) {
    this.clients = clients;
  }

  /// `clients` is null as long as nobody can connect.
  public static Command of(Supplier<@Nullable SessionDesk> clients) {
    return new Command(
        "kick",
        Role.OPERATOR,
        Route.Docs.of(
                "Ends a connection that `GET /api/v1/sessions` has. Clients come back after code"
                    + " 4010, the default, and stay away after 4403; those of /sse come back.")
            .takes("{\"client\":\"ws_1f0c22aa_5b3e9d10\",\"code\":4010,\"reason\":\"Too busy\"}")
            .answers(
                "{\"ok\":true,\"applied\":true,\"state\":{\"client\":\"ws_1f0c22aa_5b3e9d10\","
                    + "\"user\":\"alice\",\"code\":4010}}")
            .fails(404, "NOT_FOUND", "there is no such connection now")
            .fails(422, "VALIDATION_FAILED", "an argument is not what it must be"),
        new KickCommand(clients)::run);
  }

  private CommandResult run(CommandCall call)
      throws InterruptedException, ExecutionException, TimeoutException {
    var arguments = call.arguments();
    var client = arguments.path("client").asString("");
    int code = code(arguments);
    var reason = arguments.path("reason").asString(REASON);
    if (client.isEmpty()) {
      return refused("client", "client is missing; it is the id of a connection");
    }
    if (code == 0) {
      return refused("code", "code is a number from 4000 to 4999, 1008, or 1012");
    }
    if (reason.getBytes(StandardCharsets.UTF_8).length > LONGEST_REASON) {
      return refused("reason", "reason has at most " + LONGEST_REASON + " bytes");
    }
    var desk = clients.get();
    var kicked =
        desk == null
            ? null
            : desk.kick(client, code, reason)
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .orElse(null);
    if (kicked == null) {
      return CommandResult.Failed.of(404, "NOT_FOUND", "there is no such connection now");
    }
    return CommandResult.Done.of(
        true,
        Json.mapper()
            .createObjectNode()
            .put("client", client)
            .put("user", kicked.client().user())
            .put("code", code));
  }

  /// As a number, or as text from a query; 0 for what is none.
  private static int code(ObjectNode arguments) {
    var text = arguments.path("code").asString(Integer.toString(KICKED));
    int code = text.matches("[0-9]{4}") ? Integer.parseInt(text) : 0;
    boolean ours = code >= 4_000 && code <= 4_999;
    return ours || code == 1008 || code == 1012 ? code : 0;
  }

  private static CommandResult refused(String field, String message) {
    var details = Json.mapper().createObjectNode().put("field", field);
    return new CommandResult.Failed(422, "VALIDATION_FAILED", message, details);
  }
}
