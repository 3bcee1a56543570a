package dev.millrace.gateway.auth;

import dev.millrace.core.route.Role;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Secret;

/// One fixed token: whoever shows it is `name` and has `role`.
public record TokenSpec(
    @About("Who this is, for the audit trail.") String name,
    @About("The token, at least 16 characters. Better in a file of its own: token_file.") @Secret
        String token,
    @About("What its bearer may do: each role may do what those before it may.") Role role) {

  public TokenSpec {
    if (!name.matches("[A-Za-z0-9_.@-]{1,64}")) {
      throw new IllegalArgumentException(
          "the name of a token holds letters, digits, dot, dash, underscore and @, at most 64");
    }
    Secrets.requireToken(name, token);
  }

  /// Without the token.
  @Override
  public String toString() {
    return "TokenSpec[name=" + name + ", token=" + Secrets.MASK + ", role=" + role + "]";
  }
}
