package dev.millrace.control.log;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// `log_level`: sets the least level of one component, or of all that have none of their own. It
/// holds until the process ends or the configuration changes the same key.
final class LogLevelCommand {
  private static final List<String> LEVELS =
      Arrays.stream(Level.values()).map(LogRecord::label).toList();

  private final LogLevels levels;

  private LogLevelCommand(LogLevels levels) {
    this.levels = levels;
  }

  static Command of(LogLevels levels) {
    return new Command(
        "log_level",
        Role.OPERATOR,
        Route.Docs.of(
                "Sets the least level that a component logs, until the configuration changes it or"
                    + " the process ends. Without `target` it is that of all components that have"
                    + " none of their own.")
            .takes("{\"level\":\"debug\",\"target\":\"engine\"}")
            .answers(
                "{\"ok\":true,\"applied\":true,\"state\":{\"target\":\"engine\","
                    + "\"level\":\"debug\"}}")
            .fails(422, "VALIDATION_FAILED", "the level or the target is not one"),
        new LogLevelCommand(levels)::run);
  }

  private CommandResult run(CommandCall call) {
    var wanted = call.arguments().get("level");
    if (wanted == null || !wanted.isString()) {
      return refused("level", "level is missing; it is one of " + String.join(", ", LEVELS));
    }
    var level = level(wanted.stringValue());
    if (level == null) {
      return refused("level", notALevel(wanted.stringValue()));
    }
    var target = call.arguments().get("target");
    if (target == null || target.isNull()) {
      return set(LogLevels.GENERAL, level);
    }
    return target.isString() && Target.isValid(target.stringValue())
        ? set(Target.of(target.stringValue()), level)
        : refused(
            "target",
            "target must be a component as it stands in the log, such as engine or hub.session");
  }

  private CommandResult set(String target, Level level) {
    return switch (levels.override(target, level)) {
      case MADE -> done(true, target, level);
      case NOT_NEEDED -> done(false, target, level);
      case REFUSED ->
          refused(
              "target",
              "too many components have a level of their own; set the level of one above them");
    };
  }

  private static CommandResult done(boolean applied, String target, Level level) {
    var state = Json.mapper().createObjectNode();
    if (target.equals(LogLevels.GENERAL)) {
      state.putNull("target");
    } else {
      state.put("target", target);
    }
    return CommandResult.Done.of(applied, state.put("level", LogRecord.label(level)));
  }

  private static CommandResult refused(String field, String message) {
    var details = Json.mapper().createObjectNode().put("field", field);
    return new CommandResult.Failed(422, "VALIDATION_FAILED", message, details);
  }

  private static @Nullable Level level(String name) {
    return Arrays.stream(Level.values())
        .filter(level -> LogRecord.label(level).equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String notALevel(String name) {
    return Target.quoted(name)
        + " is not a level; it is one of "
        + String.join(", ", LEVELS)
        + Suggestion.closest(name, LEVELS).map(close -> ". Did you mean " + close + "?").orElse("");
  }
}
