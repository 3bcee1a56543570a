package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.net.http.RequestHead;

/// Decides about every caller. Safe from any thread, never blocks.
public final class AccessControl {

  /// Lets everybody in as a trusted local caller: a server without authentication, on loopback.
  public static AccessControl open() {
    return new AccessControl();
  }

  /// Whether the caller of `head` may use what needs `access` on `surface`.
  public Admission admit(RequestHead head, Surface surface, Route.Access access) {
    return new Admission.Admitted(Principal.local(head.remoteAddress()));
  }
}
