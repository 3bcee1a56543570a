package dev.millrace.control.command;

import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;

/// One thing an operator may tell the process: `POST /api/v1/admin/{name}` and the command `name`
/// of the operators' socket. `role` is the least that may give it; `docs` describe it for both.
/// `data` marks one that brings frames in and decides nothing: it takes no turns, and is counted
/// instead of entered into the audit trail, which a stream of such commands would wash away.
public record Command(String name, Role role, Route.Docs docs, Handler handler, boolean data) {

  /// One that is in the audit trail each time.
  public Command(String name, Role role, Route.Docs docs, Handler handler) {
    this(name, role, docs, handler, false);
  }

  /// Runs on a virtual thread that nobody interrupts; may wait, with a deadline. What it throws
  /// counts as a defect: everything that can be expected is a [CommandResult].
  @FunctionalInterface
  public interface Handler {
    CommandResult run(CommandCall call) throws Exception;
  }
}
