package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Surface;
import org.jspecify.annotations.Nullable;

/// What an admitted caller holds as long as it stays: who it is, and whether it still may be here.
/// Tokens expire and policies change while connections are open; a [LeaseWatch] finds those whose
/// lease has ended.
///
/// Holds no token, only what was learned from one. Confined to the connection's loop.
public final class Lease {
  /// Why a connection has to go, as it is closed.
  public enum End {
    /// Its JSON web token has expired.
    EXPIRED(4401, "Token expired"),
    /// Its credentials are no longer in the configuration.
    REVOKED(4401, "Authentication required"),
    /// It is still known, and its role no longer suffices.
    FORBIDDEN(4403, "Forbidden");

    private final int closeCode;
    private final String reason;

    End(int closeCode, String reason) {
      this.closeCode = closeCode;
      this.reason = reason;
    }

    /// A WebSocket close code that clients take for final.
    public int closeCode() {
      return closeCode;
    }

    /// The reason in the close frame.
    public String reason() {
      return reason;
    }
  }

  private final AccessControl access;
  private final Door door;
  private final String address;
  private Identity identity;
  private Principal principal;
  private long generation;

  Lease(
      AccessControl access,
      Door door,
      String address,
      Identity identity,
      Principal principal,
      long generation) {
    this.access = access;
    this.door = door;
    this.address = address;
    this.identity = identity;
    this.principal = principal;
    this.generation = generation;
  }

  /// Who this is now; a policy may have changed the role since.
  public Principal principal() {
    return principal;
  }

  /// Why the caller has to go, or null when it may stay. Costs next to nothing unless the policy
  /// has changed since the last call.
  public @Nullable End end() {
    return access.endOf(this);
  }

  /// Whether the caller may also do what needs `least` on `surface`: publishing from a socket that
  /// was opened for listening.
  public boolean allows(Surface surface, Role least) {
    return access.allows(this, surface, least);
  }

  /// The epoch second from which [#end] may say `EXPIRED`, or `Long.MAX_VALUE`.
  long expiresAtSeconds() {
    return access.expiryOf(this);
  }

  void renew(Identity newIdentity, Principal newPrincipal, long newGeneration) {
    identity = newIdentity;
    principal = newPrincipal;
    generation = newGeneration;
  }

  Door door() {
    return door;
  }

  String address() {
    return address;
  }

  Identity identity() {
    return identity;
  }

  long generation() {
    return generation;
  }
}
