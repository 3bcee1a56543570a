package dev.millrace.control.pipeline;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `pause`, `start` and `reboot`, for operators.
public final class PipelineCommands {
  private static final String PIPELINE = "pipeline";
  private static final String STATE =
      """
      {"pipeline":"labels","state":"%s","reason":"%s","admin_paused":%s,"autostart":true,\
      "trouble":null}\
      """;

  private final PipelineSet set;
  private final PipelineSwitches switches;

  public PipelineCommands(PipelineSet set) {
    this.set = set;
    this.switches = new PipelineSwitches(set);
  }

  public List<Command> commands() {
    return List.of(
        new Command(
            "pause",
            Role.OPERATOR,
            docs(
                "Drains a pipeline, or all of them, and keeps it from running until it is started"
                    + " or the process is. left counts frames that a drain had no time for.",
                STATE.formatted("Completed", "AdminPause", true)),
            this::pause),
        new Command(
            "start",
            Role.OPERATOR,
            docs(
                "Lets a paused pipeline run again, or all of them; a pipeline that has failed or"
                    + " ended begins a new run.",
                STATE.formatted("Running", "AdminStart", false)),
            this::start),
        new Command(
            "reboot",
            Role.OPERATOR,
            docs(
                "Drains a pipeline and begins a new run of it.",
                STATE.formatted("Running", "AdminReboot", false)),
            this::reboot));
  }

  private CommandResult pause(CommandCall call) throws InterruptedException {
    return switch (target(call, false)) {
      case Target.All() -> allDone(switches.pauseAll());
      case Target.One(var name) -> result(switches.pause(name));
      case Target.Wrong(var failure) -> failure;
    };
  }

  private CommandResult start(CommandCall call) throws InterruptedException {
    return switch (target(call, false)) {
      case Target.All() -> allDone(switches.startAll());
      case Target.One(var name) -> result(switches.start(name));
      case Target.Wrong(var failure) -> failure;
    };
  }

  private CommandResult reboot(CommandCall call) throws InterruptedException {
    return switch (target(call, true)) {
      case Target.All() -> wrong("say which pipeline to reboot", PIPELINE).failure();
      case Target.One(var name) -> result(switches.reboot(name));
      case Target.Wrong(var failure) -> failure;
    };
  }

  /// Whom a command is for.
  private sealed interface Target {
    record All() implements Target {}

    record One(String name) implements Target {}

    record Wrong(CommandResult.Failed failure) implements Target {}
  }

  private Target target(CommandCall call, boolean mustBeOne) {
    var given = call.arguments().get(PIPELINE);
    if (given != null) {
      return given.isString()
          ? new Target.One(given.asString())
          : wrong("pipeline wants the name of a pipeline", PIPELINE);
    }
    if (!mustBeOne && !call.arguments().isEmpty()) {
      // A slip of the pen in the one argument must not stop everything.
      var other = call.arguments().propertyNames().iterator().next();
      var meant =
          Suggestion.closest(other, List.of(PIPELINE))
              .map(name -> "did you mean " + name + "?")
              .orElse("leave everything out to mean all pipelines");
      return wrong(call.name() + " knows no argument " + shortened(other) + "; " + meant, other);
    }
    return new Target.All();
  }

  private static Target.Wrong wrong(String message, String field) {
    var details = Json.mapper().createObjectNode().put("field", shortened(field));
    return new Target.Wrong(new CommandResult.Failed(422, "VALIDATION_FAILED", message, details));
  }

  static CommandResult result(PipelineOutcome outcome) {
    return switch (outcome) {
      case PipelineOutcome.Done(var applied, long left, var pipelines, var failed) ->
          withLeft(CommandResult.Done.of(applied, pipelines.getFirst().toJson()), left);
      case PipelineOutcome.Unknown(var name, var suggestion) ->
          unknown(name, suggestion.orElse(null));
      case PipelineOutcome.Busy(var name) ->
          CommandResult.Failed.of(
              409,
              "BUSY",
              "the pipeline " + name + " is being changed; try again when that is done");
      case PipelineOutcome.Refused(var name, var message) ->
          CommandResult.Failed.of(409, "INVALID_TRANSITION", message);
      case PipelineOutcome.Held(var name) ->
          CommandResult.Failed.of(
              409,
              "PAUSED",
              "all pipelines are paused, so " + name + " cannot run; start all of them first");
      case PipelineOutcome.NotStarted(var problem) -> notStarted(problem);
    };
  }

  static CommandResult notStarted(Problem problem) {
    var details = Json.mapper().createObjectNode();
    details
        .put("code", problem.code())
        .put("location", problem.location().toString())
        .put("fix", problem.fix());
    return new CommandResult.Failed(409, "START_FAILED", problem.what(), details);
  }

  static CommandResult unknown(String name, @Nullable String suggestion) {
    var details = Json.mapper().createObjectNode().put("suggestion", suggestion);
    var shown = shortened(name);
    return new CommandResult.Failed(
        404,
        "UNKNOWN_PIPELINE",
        "there is no pipeline "
            + shown
            + (suggestion == null
                ? "; GET /api/v1/pipelines lists them"
                : "; did you mean " + suggestion + "?"),
        details);
  }

  private CommandResult allDone(PipelineOutcome outcome) {
    if (!(outcome
        instanceof PipelineOutcome.Done(var applied, long left, var pipelines, var failed))) {
      return result(outcome);
    }
    var state = Json.mapper().createObjectNode().put("admin_paused", set.allPaused());
    var list = state.putArray("pipelines");
    pipelines.forEach(one -> list.add(one.toJson()));
    var done = withLeft(CommandResult.Done.of(applied, state), left);
    if (!failed.isEmpty()) {
      var complaints = done.fields().putArray("failed");
      failed.forEach(
          problem ->
              complaints
                  .addObject()
                  .put("code", problem.code())
                  .put("message", problem.what())
                  .put("fix", problem.fix()));
    }
    return done;
  }

  private static CommandResult.Done withLeft(CommandResult.Done done, long left) {
    if (left > 0) {
      done.fields().put("left", left);
    }
    return done;
  }

  private static Route.Docs docs(String summary, String state) {
    return Route.Docs.of(summary)
        .takes("{\"pipeline\":\"labels\"}")
        .answers("{\"ok\":true,\"applied\":true,\"state\":" + state + "}")
        .fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name")
        .fails(409, "START_FAILED", "a node cannot be opened; details say why")
        .fails(409, "PAUSED", "all pipelines are paused")
        .fails(409, "BUSY", "the pipeline is being changed and that takes long")
        .fails(422, "VALIDATION_FAILED", "an argument is wrong; details.field names it");
  }

  static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 63) + "…";
  }
}
