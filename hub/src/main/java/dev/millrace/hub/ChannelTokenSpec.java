package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Secret;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The section `hub.channel_tokens`: tokens that let one user follow a topic which the rules
/// refuse.
public record ChannelTokenSpec(
    @About(
            "The Fernet key that seals channel tokens, 32 bytes in URL-safe base64; without one"
                + " there are none. Better in a file of its own: key_file.")
        @Secret
        @Nullable String key,
    @About("Keys whose tokens still count, while the key is being changed.") @Secret
        List<String> previousKeys,
    @About("How long a token may let its user in; one that asks for more counts no longer.")
        @Default("1h")
        @Range(min = 1, max = 86_400)
        Duration validity) {

  public ChannelTokenSpec {
    previousKeys = List.copyOf(previousKeys);
    if (key != null) {
      HubSecrets.requireFernet("hub.channel_tokens.key", key);
    } else if (!previousKeys.isEmpty()) {
      throw new IllegalArgumentException(
          "hub.channel_tokens has previous_keys and no key; add one, or remove them");
    }
    for (int i = 0; i < previousKeys.size(); i++) {
      HubSecrets.requireFernet("hub.channel_tokens.previous_keys/" + i, previousKeys.get(i));
    }
  }

  /// Without the keys.
  @Override
  public String toString() {
    return "ChannelTokenSpec[validity=" + validity + "]";
  }
}
