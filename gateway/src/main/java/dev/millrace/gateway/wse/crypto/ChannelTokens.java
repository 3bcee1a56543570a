package dev.millrace.gateway.wse.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.json.Json;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.ChannelTokenSpec;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// Tokens that let one user follow one topic, or what one pattern matches, for some time: Fernet
/// tokens of `{"type":"ws_channel","user":…,"topic":…,"seconds":…}`, which other programs with the
/// key may make too. They count from when they were made, for `seconds`, at most for the validity
/// of the configuration, and for that where they say nothing. Safe from any thread.
public final class ChannelTokens {
  private static final String TYPE = "ws_channel";
  private static final int LONGEST = 4 << 10;

  private final List<Fernet> keys; // the first seals, all of them open
  private final Duration validity;

  /// Who may follow what, until when, in milliseconds since the Unix epoch.
  public record Grant(String user, String topic, long expiresMillis) {}

  private ChannelTokens(List<Fernet> keys, Duration validity) {
    this.keys = List.copyOf(keys);
    this.validity = validity;
  }

  /// Empty where there is no key.
  public static Optional<ChannelTokens> of(
      ChannelTokenSpec spec, Clock clock, SecureRandom random) {
    if (spec.key() == null) {
      return Optional.empty();
    }
    var keys = new ArrayList<Fernet>();
    Fernet.of(spec.key(), spec.validity(), clock, random).ifPresent(keys::add);
    for (var previous : spec.previousKeys()) {
      Fernet.of(previous, spec.validity(), clock, random).ifPresent(keys::add);
    }
    return Optional.of(new ChannelTokens(keys, spec.validity()));
  }

  /// How long a token counts at most.
  public Duration validity() {
    return validity;
  }

  /// A token for `user` and a topic or pattern. It lasts a whole number of seconds.
  public String mint(String user, String topic, Duration lasts) {
    return keys.getFirst()
        .seal(
            Json.mapper()
                .createObjectNode()
                .put("type", TYPE)
                .put("user", user)
                .put("topic", topic)
                .put("seconds", lasts.toSeconds())
                .toString());
  }

  /// What the token grants; empty unless it is sound. One that has just expired may still be told
  /// by its [Grant#expiresMillis].
  public Optional<Grant> read(String token) {
    if (token.length() > LONGEST) {
      return Optional.empty();
    }
    return keys.stream().flatMap(key -> key.open(token).stream()).findFirst().flatMap(this::grant);
  }

  private Optional<Grant> grant(Fernet.Opened opened) {
    try {
      var claims = Json.tree(opened.text().getBytes(UTF_8));
      var seconds = claims.path("seconds");
      boolean named = claims.path("user").isString() && claims.path("topic").isString();
      boolean timed =
          seconds.isMissingNode() || (seconds.isIntegralNumber() && seconds.canConvertToLong());
      if (!named || !timed || !claims.path("type").asString("").equals(TYPE)) {
        return Optional.empty();
      }
      long lasts = Math.min(seconds.asLong(Long.MAX_VALUE), validity.toSeconds());
      return Optional.of(
          new Grant(
              claims.path("user").asString(),
              claims.path("topic").asString(),
              (opened.madeSeconds() + lasts) * 1_000));
    } catch (JacksonException noJson) {
      return Optional.empty(); // sealed with our key for something else
    }
  }
}
