package dev.millrace.control.noc;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.control.noc.NocEndpoint.Tails;
import dev.millrace.control.telemetry.SignalJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import tools.jackson.databind.node.ObjectNode;

/// Carries out what a console orders: a few things that concern only itself, everything else by the
/// process's commands. Called on virtual threads, from many at once.
final class Orders {
  private static final Logger log = LoggerFactory.getLogger(Orders.class);
  private static final int MAX_RECORDS_PER_SECOND = 50;

  private final Command.Handler commands;
  private final Tails tails;
  private final LogFollowers followers;
  private final Clock clock;
  private final Metrics metrics;

  Orders(
      Command.Handler commands, Tails tails, LogFollowers followers, Clock clock, Metrics metrics) {
    this.commands = commands;
    this.tails = tails;
    this.followers = followers;
    this.clock = clock;
    this.metrics = metrics;
  }

  /// The answer to an order of this console; never fails.
  byte[] execute(NocRequest.Order order, NocSession session, Principal caller) {
    var requestId = UUID.randomUUID().toString();
    return switch (resultOf(order, session, caller, requestId)) {
      case CommandResult.Done(var applied, var fields, var _) -> {
        metrics.counter(NocMetric.COMMANDS, "done").inc();
        var result = fields.deepCopy();
        result.remove("applied");
        yield NocFrames.done(order.id(), applied, result, requestId);
      }
      case CommandResult.Failed(var status, var code, var message, var details) -> {
        metrics.counter(NocMetric.COMMANDS, "failed").inc();
        yield NocFrames.failed(order.id(), code, message, details, requestId);
      }
    };
  }

  private CommandResult resultOf(
      NocRequest.Order order, NocSession session, Principal caller, String requestId) {
    try {
      return switch (order.name()) {
        case "snapshot" -> new CommandResult.Done(true, object());
        case "ping" ->
            new CommandResult.Done(
                true,
                object().put("server_time", SignalJson.instant(clock.epochMicros()).toString()));
        case "log_subscribe" -> follow(order.arguments(), session);
        case "log_unsubscribe" -> new CommandResult.Done(followers.end(session), object());
        default ->
            Correlation.call(
                requestId,
                () ->
                    commands.run(
                        new CommandCall(
                            order.name(),
                            order.arguments(),
                            caller,
                            CommandCall.Origin.NOC,
                            requestId,
                            session.address())));
      };
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return CommandResult.Failed.of(503, "INTERRUPTED", "the command was interrupted");
    } catch (Exception failure) {
      Correlation.run(requestId, () -> log.error("The command {} failed", order.name(), failure));
      return CommandResult.Failed.of(
          500, "INTERNAL", "the command failed; the server's log says why");
    }
  }

  private CommandResult follow(ObjectNode arguments, NocSession session) {
    if (!session.principal().may(Role.OPERATOR)) {
      return CommandResult.Failed.of(
          403, "FORBIDDEN", "following the log needs the role " + Role.OPERATOR.label());
    }
    var level = arguments.path("level").asString("info");
    var least = level(level);
    if (least == null) {
      return CommandResult.Failed.of(
          422, "BAD_ARGUMENT", "level is one of trace, debug, info, warn, error");
    }
    var limit = arguments.path("limit_per_sec");
    int perSecond = limit.isMissingNode() ? MAX_RECORDS_PER_SECOND : limit.asInt(0);
    if (perSecond < 1 || perSecond > MAX_RECORDS_PER_SECOND) {
      return CommandResult.Failed.of(
          422, "BAD_ARGUMENT", "limit_per_sec is an integer from 1 to " + MAX_RECORDS_PER_SECOND);
    }
    var target = arguments.path("target").asString("");
    followers.follow(session, tails.open(least, target, perSecond));
    return new CommandResult.Done(
        true,
        object()
            .put("level", least.name().toLowerCase(Locale.ROOT))
            .put("target", target)
            .put("limit_per_sec", perSecond));
  }

  private static @Nullable Level level(String name) {
    for (var level : Level.values()) {
      if (level.name().equalsIgnoreCase(name)) {
        return level;
      }
    }
    return null;
  }

  private static ObjectNode object() {
    return Json.mapper().createObjectNode();
  }
}
