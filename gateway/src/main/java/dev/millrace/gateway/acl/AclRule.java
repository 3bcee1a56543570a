package dev.millrace.gateway.acl;

import dev.millrace.core.route.Role;
import dev.millrace.hub.AclSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One rule: `[subscribe|publish] GLOB [as ROLE|below ROLE]`. `action` null means both, `role` null
/// everybody; with `below` it means everybody who has not got that role.
record AclRule(@Nullable Action action, Glob glob, @Nullable Role role, boolean below) {

  static AclRule read(String text) {
    var rule = AclSpec.RULE.matcher(text);
    if (!rule.matches()) {
      throw new IllegalArgumentException("no rule: " + text);
    }
    var action = rule.group(1) == null ? null : Action.valueOf(upper(rule.group(1)));
    var role = rule.group(4) == null ? null : Role.valueOf(upper(rule.group(4)));
    return new AclRule(action, new Glob(rule.group(2)), role, "below".equals(rule.group(3)));
  }

  boolean means(Caller caller, Action wanted, String topic) {
    return (action == null || action == wanted)
        && meansRole(caller.role())
        && glob.matches(topic, caller.user());
  }

  private boolean meansRole(@Nullable Role given) {
    return role == null || below != (given != null && given.covers(role));
  }

  private static String upper(String word) {
    return word.toUpperCase(Locale.ROOT);
  }
}
