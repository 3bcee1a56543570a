package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// The section `hub.encryption`: sealed frames for sessions that ask for them.
public record EncryptionSpec(
    @About("Whether sessions may agree a key and have their frames sealed.") @Default("true")
        boolean enabled,
    @About("How the key is derived for clients that show no other way: salted or unsalted.")
        @Default("salted")
        Derivation derivation,
    @About("Time after which a session is offered a new key.")
        @Default("1h")
        @Range(min = 60, max = 604_800)
        Duration rotateEvery) {

  /// Which of the two derivations that clients know.
  public enum Derivation {
    SALTED,
    UNSALTED
  }
}
