package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;

/// Who a caller turned out to be.
sealed interface Identity {
  /// Showed nothing.
  record Nobody() implements Identity {}

  /// Showed a fixed token. The fingerprint finds it again in a later policy.
  record Bearer(Principal principal, Fingerprint token) implements Identity {}

  /// Showed a sound JSON web token.
  record Signed(TrustedJwt jwt) implements Identity {}

  /// Showed something that does not count.
  record Impostor(String message) implements Identity {}

  /// Has failed too often to be heard.
  record Unheard() implements Identity {}
}
