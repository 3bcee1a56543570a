package dev.millrace.gateway.auth;

import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What somebody wants to use, and where the connection came in.
record Door(Surface surface, Route.Access access, Arrival arrival) {
  /// Where the connection came in.
  enum Arrival {
    LOOPBACK,
    /// Not known to be loopback nor to be anything else: no network address at all.
    NOWHERE,
    PUBLIC
  }

  /// Whose clients need no role.
  private static final Set<Surface> CLIENT_SURFACES =
      EnumSet.of(Surface.WSE, Surface.SSE, Surface.FEED, Surface.CLASSIFY, Surface.MIRROR);

  /// What nobody may be nobody for, unless on loopback.
  private static final Set<Surface> OPERATORS = EnumSet.of(Surface.NOC, Surface.ADMIN);

  /// Whether nobody is asked, whatever is configured.
  boolean isOpen() {
    return switch (access) {
      case PUBLIC -> true;
      case LOOPBACK_OR_VIEWER -> arrival == Arrival.LOOPBACK;
      case CLIENT, VIEWER, PUBLISHER, OPERATOR, ADMIN -> false;
    };
  }

  /// Whether a server without authentication trusts whoever comes in here. It listens on loopback
  /// only; should it ever not, nobody is trusted for having found it.
  boolean trustsLocal() {
    return arrival != Arrival.PUBLIC;
  }

  /// The least role, null where sound credentials suffice.
  @Nullable Role least() {
    var role = access.role();
    return role == null && !CLIENT_SURFACES.contains(surface) ? Role.VIEWER : role;
  }

  /// Whether a caller without credentials gets through under `policy`. Reading and publishing may
  /// be opened to everybody; what operators do only on loopback.
  boolean isOpenToNobody(AuthPolicy policy) {
    if (!policy.isAnonymous(surface)) {
      return false;
    }
    var least = least();
    boolean harmless =
        !OPERATORS.contains(surface) && (least == null || Role.PUBLISHER.covers(least));
    return harmless || arrival == Arrival.LOOPBACK;
  }
}
