package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The section `hub.session_tokens`: tokens by which a client that comes back names the session it
/// had.
public record SessionTokenSpec(
    @About(
            "The secret of session tokens, at least 32 bytes; without one there are none. With it"
                + " each client of /wse is given a token, and one that shows it in its client_hello"
                + " has the subscriptions of that session back, also without credentials. Better in"
                + " a file of its own: secret_file.")
        @Secret
        @Nullable String secret,
    @About("Secrets whose tokens still count, while the secret is being changed.") @Secret
        List<String> previousSecrets,
    @About("What tokens look like: hmac, texts with colons, or jwt, JSON web tokens.")
        @Default("hmac")
        Form form) {

  /// How a token is written.
  public enum Form {
    HMAC,
    JWT
  }

  public SessionTokenSpec {
    previousSecrets = List.copyOf(previousSecrets);
    if (secret != null) {
      HubSecrets.requireHmac("hub.session_tokens.secret", secret);
    } else if (!previousSecrets.isEmpty()) {
      throw new IllegalArgumentException(
          "hub.session_tokens has previous_secrets and no secret; add one, or remove them");
    }
    for (int i = 0; i < previousSecrets.size(); i++) {
      HubSecrets.requireHmac("hub.session_tokens.previous_secrets/" + i, previousSecrets.get(i));
    }
  }

  /// Without the secrets.
  @Override
  public String toString() {
    return "SessionTokenSpec[form=" + form + "]";
  }
}
