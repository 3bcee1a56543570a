package dev.millrace.control.command;

import dev.millrace.core.route.Principal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A command as it was given: `arguments` are the fields of the request's body, or target and
/// arguments of the operators' socket put together. `requestId` is in the log of all it causes;
/// `address` is the IP literal it came from, null when it did not come over the network.
public record CommandCall(
    String name,
    ObjectNode arguments,
    Principal caller,
    Origin origin,
    String requestId,
    @Nullable String address) {
  // Which argument says what a command is about; the first that is there.
  private static final List<String> TARGETS =
      List.of("pipeline", "client", "asset", "topic", "id", "target");

  public CommandCall(
      String name, ObjectNode arguments, Principal caller, Origin origin, String requestId) {
    this(name, arguments, caller, origin, requestId, addressOf(caller));
  }

  /// What it is about, or null when that is the whole process.
  public @Nullable String target() {
    for (var key : TARGETS) {
      var value = arguments.get(key);
      if (value != null && value.isString()) {
        return value.asString();
      }
    }
    return null;
  }

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

  /// Anonymous callers go by their address.
  private static @Nullable String addressOf(Principal caller) {
    return caller.kind() == Principal.Kind.ANONYMOUS ? caller.name() : null;
  }
}
