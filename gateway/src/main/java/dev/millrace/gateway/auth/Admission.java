package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Response;
import dev.millrace.net.websocket.Upgrade;

/// What becomes of one caller at one door.
public sealed interface Admission {

  record Admitted(Principal principal) implements Admission {}

  /// `status` is 401 without sound credentials, 403 where the role does not suffice, 429 after too
  /// many failures. `code` is `AUTH_REQUIRED`, `AUTH_FAILED`, `FORBIDDEN` or `RATE_LIMITED`; the
  /// message never repeats a credential.
  record Rejected(int status, String code, String message) implements Admission {

    /// As an HTTP answer.
    public Response asResponse() {
      var response = Response.failure(status, code, message);
      return status == 401 ? response.withHeader("WWW-Authenticate", "Bearer") : response;
    }

    /// As the end of a handshake.
    public Upgrade asRefusal() {
      return new Upgrade.Refuse(asResponse());
    }
  }
}
