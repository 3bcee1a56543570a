package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Response;
import dev.millrace.net.websocket.Upgrade;
import org.jspecify.annotations.Nullable;

/// What becomes of one caller at one door.
public sealed interface Admission {

  /// Let in. Whoever keeps the connection open keeps the lease and hands it to a [LeaseWatch].
  record Admitted(Principal principal, Lease lease) implements Admission {}

  /// `status` is 401 without sound credentials, 403 where the role does not suffice or the page
  /// comes from elsewhere, 429 after too many failures, 503 while too many tokens wait to be
  /// checked. `code` is `AUTH_REQUIRED`, `AUTH_FAILED`, `FORBIDDEN`, `ORIGIN_NOT_ALLOWED`,
  /// `RATE_LIMITED` or `BUSY`; the message never repeats a credential.
  /// `caller` is whose role does not suffice, null in all other cases.
  record Rejected(int status, String code, String message, @Nullable Principal caller)
      implements Admission {
    private static final int TRY_LATER = 1013;

    public Rejected(int status, String code, String message) {
      this(status, code, message, null);
    }

    /// As an HTTP answer.
    public Response asResponse() {
      var response = Response.failure(status, code, message);
      return switch (status) {
        case 401 -> response.withHeader("WWW-Authenticate", "Bearer");
        case 429, 503 -> response.withHeader("Retry-After", "1");
        default -> response;
      };
    }

    /// As the end of a handshake.
    public Upgrade asRefusal() {
      return new Upgrade.Refuse(asResponse());
    }

    /// For dialects that complete the handshake first: 4401 and 4403 are final for clients, 1013
    /// tells them to come back later.
    public int closeCode() {
      return switch (status) {
        case 401 -> Lease.End.REVOKED.closeCode();
        case 403 -> Lease.End.FORBIDDEN.closeCode();
        default -> TRY_LATER;
      };
    }

    /// The reason in the close frame.
    public String closeReason() {
      return switch (status) {
        case 401 -> Lease.End.REVOKED.reason();
        case 403 -> Lease.End.FORBIDDEN.reason();
        default -> "Try again later";
      };
    }
  }
}
