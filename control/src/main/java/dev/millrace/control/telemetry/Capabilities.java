package dev.millrace.control.telemetry;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What a console may offer. `features` are the pages that have something behind them in this
/// process; the others stay hidden.
public record Capabilities(String version, List<String> features) {

  public Capabilities {
    features = List.copyOf(features);
  }

  /// What is said to one caller.
  private record Offer(
      String version,
      boolean adminEnabled,
      @Nullable String readOnlyReason,
      List<String> features) {}

  /// For one caller: controls are there only for who may use some of them.
  public ObjectNode of(Principal caller) {
    boolean commands = caller.may(Role.OPERATOR);
    var role = caller.role();
    var reason =
        commands
            ? null
            : "commands need the role "
                + Role.OPERATOR.label()
                + "; yours is "
                + (role == null ? "none" : role.label());
    return SignalJson.of(new Offer(version, commands, reason, features));
  }
}
