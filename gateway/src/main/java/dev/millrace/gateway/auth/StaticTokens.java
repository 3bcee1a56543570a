package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The fixed tokens, of which only fingerprints are kept. Immutable.
final class StaticTokens {
  private record Known(Fingerprint fingerprint, Principal principal) {}

  private final List<Known> all;

  StaticTokens(List<TokenSpec> tokens) {
    this.all =
        tokens.stream()
            .map(
                token ->
                    new Known(
                        Fingerprint.of(token.token()),
                        new Principal(token.name(), Principal.Kind.TOKEN, token.role())))
            .toList();
  }

  /// Whose token it is, or null. Looks at all of them, found or not, so that time says nothing.
  @Nullable Principal find(Fingerprint given) {
    @Nullable Principal found = null;
    for (var known : all) {
      boolean same = known.fingerprint.equals(given);
      found = same ? known.principal : found;
    }
    return found;
  }
}
