package dev.millrace.core.route;

import org.jspecify.annotations.Nullable;

/// Who calls. `name` is a token's name, the subject of a JWT, or the address of an anonymous
/// caller: fit for audit trails, never a credential. `role` is null for a client that was
/// authenticated but has no role: it may use the client surfaces and nothing else.
public record Principal(String name, Kind kind, @Nullable Role role) {

  /// How the caller was recognised.
  public enum Kind {
    ANONYMOUS,
    TOKEN,
    JWT
  }

  /// A caller on loopback of a server without authentication: trusted with everything.
  public static Principal local(String address) {
    return new Principal(address, Kind.ANONYMOUS, Role.ADMIN);
  }

  /// Whether the caller may do what `least` may.
  public boolean may(Role least) {
    return role != null && role.covers(least);
  }
}
