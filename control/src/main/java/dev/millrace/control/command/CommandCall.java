package dev.millrace.control.command;

import dev.millrace.core.route.Principal;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// A command as it was given: `arguments` are the fields of the request's body, or target and
/// arguments of the operators' socket put together. `requestId` is in the log of all it causes.
public record CommandCall(
    String name, ObjectNode arguments, Principal caller, Origin origin, String requestId) {

  /// Where it was given.
  public enum Origin {
    REST,
    NOC,
    SIGNAL,
    /// The configuration's file changed.
    WATCH;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
