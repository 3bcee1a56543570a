package dev.millrace.gateway.acl;

import dev.millrace.hub.AclSpec;
import java.util.List;

/// All rules of a configuration. What a rule denies is denied; where there are rules that allow,
/// what none of them allows is denied too. Immutable.
public record AclRules(List<AclRule> allow, List<AclRule> deny) {
  /// Everybody may have everything.
  public static final AclRules NONE = new AclRules(List.of(), List.of());

  public AclRules {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  public static AclRules of(AclSpec spec) {
    return new AclRules(
        spec.allow().stream().map(AclRule::read).toList(),
        spec.deny().stream().map(AclRule::read).toList());
  }

  /// Whether nothing is ever denied.
  boolean allowEverything() {
    return allow.isEmpty() && deny.isEmpty();
  }

  boolean grant(Caller caller, Action action, String topic) {
    return deny.stream().noneMatch(rule -> rule.means(caller, action, topic))
        && (allow.isEmpty() || allow.stream().anyMatch(rule -> rule.means(caller, action, topic)));
  }
}
