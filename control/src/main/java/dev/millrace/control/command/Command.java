package dev.millrace.control.command;

import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;

/// One thing an operator may tell the process: `POST /api/v1/admin/{name}` and the command `name`
/// of the operators' socket. `role` is the least that may give it; `docs` describe it for both.
public record Command(String name, Role role, Route.Docs docs, Handler handler) {

  /// Runs on a virtual thread that nobody interrupts; may wait, with a deadline. What it throws
  /// counts as a defect: everything that can be expected is a [CommandResult].
  @FunctionalInterface
  public interface Handler {
    CommandResult run(CommandCall call) throws Exception;
  }
}
