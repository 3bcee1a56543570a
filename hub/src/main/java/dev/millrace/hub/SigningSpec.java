package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The section `hub.signing`: frames that carry a signature of their payload, `sig`.
public record SigningSpec(
    @About(
            "Types of messages that are signed for everybody; * stands for any characters and ? for"
                + " one. Each message is signed once, whoever gets it. Clients that ask for"
                + " message_signing have every frame signed.")
        @OnRestart
        List<String> types,
    @About(
            "Whoever knows this secret, of at least 32 bytes, can check signatures: they are JSON"
                + " web tokens of HS256 then. Without it they are made with secrets that never"
                + " leave the server. Better in a file of its own: secret_file.")
        @Secret
        @Nullable String secret) {
  /// Bytes that a signature adds to a frame at most, with its name.
  static final int MOST_BYTES = 320;

  private static final int MOST_TYPES = 1_000;

  public SigningSpec {
    types = List.copyOf(types);
    if (types.size() > MOST_TYPES) {
      throw new IllegalArgumentException(
          types.size() + " types are more than " + MOST_TYPES + "; use patterns, such as trade_*");
    }
    if (types.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a type in hub.signing.types is empty");
    }
    if (secret != null) {
      HubSecrets.requireHmac("hub.signing.secret", secret);
    }
  }

  /// Without the secret.
  @Override
  public String toString() {
    return "SigningSpec[types=" + types + "]";
  }
}
