package dev.millrace.gateway.acl;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import org.jspecify.annotations.Nullable;

/// Who wants a topic. `user` is what stands for `{user}` in rules, empty for somebody without a
/// name, whom such a rule never means; `role` is null for a client without one.
public record Caller(String user, @Nullable Role role) {

  /// The caller of a request; the anonymous have no name, whatever they call themselves.
  public static Caller of(Principal principal) {
    boolean nobody = principal.kind() == Principal.Kind.ANONYMOUS;
    return new Caller(nobody ? "" : principal.name(), principal.role());
  }

  /// Its role as users write it, `none` without one.
  public String roleLabel() {
    return role == null ? "none" : role.label();
  }
}
