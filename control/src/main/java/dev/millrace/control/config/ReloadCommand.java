package dev.millrace.control.config;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.spec.TreeDiff;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The command `reload`.
public final class ReloadCommand {
  private static final TreeDiff NOTHING = new TreeDiff(List.of(), List.of(), List.of(), List.of());

  private final Reloader<?> reloader;

  private ReloadCommand(Reloader<?> reloader) {
    this.reloader = reloader;
  }

  public static Command of(Reloader<?> reloader) {
    var docs =
        Route.Docs.of("Reads the configuration anew; all of it takes effect, or nothing.")
            .parameter("dry_run", "query", "1 to learn what would change and change nothing")
            .answers(
                """
                {"ok":true,"changed":true,"generation":4,"added":[],"removed":[],\
                "changed_keys":["pipelines[labels].graph"],"restart_required":[],"warnings":[]}\
                """)
            .fails(422, "CONFIG_INVALID", "The configuration is wrong; the old one stays in force.")
            .fails(422, "VALIDATION_FAILED", "dry_run is neither true nor false.");
    return new Command("reload", Role.ADMIN, docs, new ReloadCommand(reloader)::run);
  }

  private CommandResult run(CommandCall call) throws InterruptedException {
    var dryRun = flag(call.arguments().get("dry_run"));
    if (dryRun.isEmpty()) {
      var details = Json.mapper().createObjectNode().put("field", "dry_run");
      return new CommandResult.Failed(
          422, "VALIDATION_FAILED", "dry_run is true or false, or left out", details);
    }
    return switch (reloader.reload(call.origin(), dryRun.get())) {
      case ReloadOutcome.Unchanged(var generation, var restart, var warnings) ->
          done(false, false, generation, NOTHING, restart, warnings, nothing());
      case ReloadOutcome.Applied(
              var generation,
              var diff,
              var restart,
              var warnings,
              var outcome) ->
          done(true, true, generation, diff, restart, warnings, outcome);
      case ReloadOutcome.WouldApply(var generation, var diff, var restart, var warnings) ->
          done(false, true, generation, diff, restart, warnings, nothing());
      case ReloadOutcome.Rejected(var generation, var problems) -> failed(generation, problems);
    };
  }

  private static CommandResult done(
      boolean applied,
      boolean changed,
      long generation,
      TreeDiff diff,
      List<String> restartRequired,
      List<Problem> warnings,
      ObjectNode outcome) {
    var fields = Json.mapper().createObjectNode();
    fields.put("changed", changed).put("generation", generation);
    fields.set("added", texts(diff.added()));
    fields.set("removed", texts(diff.removed()));
    fields.set("changed_keys", texts(diff.changed()));
    fields.set("restart_required", texts(restartRequired));
    fields.set("warnings", Finding.json(warnings));
    return new CommandResult.Done(applied, fields, outcome);
  }

  private static ObjectNode nothing() {
    return Json.mapper().createObjectNode();
  }

  private static CommandResult failed(long generation, List<Problem> problems) {
    var errors = problems.stream().filter(Problem::isError).toList();
    var details = Json.mapper().createObjectNode().put("generation", generation);
    details.set("errors", Finding.json(errors));
    var more = errors.size() > 1 ? " (and " + (errors.size() - 1) + " more)" : "";
    return new CommandResult.Failed(
        422,
        "CONFIG_INVALID",
        "the configuration is wrong, and generation "
            + generation
            + " stays in force: "
            + errors.getFirst().what()
            + more,
        details);
  }

  static ArrayNode texts(List<String> texts) {
    var array = Json.mapper().createArrayNode();
    texts.forEach(array::add);
    return array;
  }

  /// Left out is false; query parameters come as text.
  private static Optional<Boolean> flag(@org.jspecify.annotations.Nullable JsonNode given) {
    return switch (given == null || given.isNull() ? "false" : given.asString("neither")) {
      case "true", "1" -> Optional.of(true);
      case "false", "0" -> Optional.of(false);
      default -> Optional.empty();
    };
  }
}
