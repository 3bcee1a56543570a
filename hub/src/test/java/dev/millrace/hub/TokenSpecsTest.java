package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSpecsTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  private static final Duration HOUR = Duration.ofHours(1);
  private static final SessionTokenSpec.Form FORM = SessionTokenSpec.Form.HMAC;

  @Test
  void nothingIsConfiguredByDefault() {
    var spec = HubSpec.defaults();
    assertThat(spec.signing()).isEqualTo(new SigningSpec(List.of(), null));
    assertThat(spec.sessionTokens()).isEqualTo(new SessionTokenSpec(null, List.of(), FORM));
    assertThat(spec.channelTokens()).isEqualTo(new ChannelTokenSpec(null, List.of(), HOUR));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c4n4ry", "c4n4ry-of-31-bytes-0123456789ab"})
  void aSecretThatCanBeGuessedIsRefusedAndNotRepeated(String secret) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SigningSpec(List.of(), secret))
        .withMessageContaining("openssl")
        .withMessageNotContaining("c4n4ry");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SessionTokenSpec(secret, List.of(), FORM))
        .withMessageNotContaining("c4n4ry");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SessionTokenSpec(SECRET, List.of(SECRET, secret), FORM))
        .withMessageContaining("previous_secrets/1")
        .withMessageNotContaining("c4n4ry");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c4n4ry", SECRET, "cw+0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="})
  void aFernetKeyIsThirtyTwoBytesOfUrlSafeBase64(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelTokenSpec(key, List.of(), HOUR))
        .withMessageContaining("openssl rand -base64 32")
        .withMessageNotContaining("c4n4ry");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelTokenSpec(KEY, List.of(key), HOUR))
        .withMessageContaining("previous_keys/0");
  }

  @Test
  void whatIsBeingReplacedNeedsAReplacement() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SessionTokenSpec(null, List.of(SECRET), FORM));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelTokenSpec(null, List.of(KEY), HOUR));
    assertThatIllegalArgumentException().isThrownBy(() -> new SigningSpec(List.of(""), null));
  }

  @Test
  void noneOfThemShowsASecret() {
    assertThat(new SigningSpec(List.of("t"), SECRET).toString()).doesNotContain(SECRET);
    assertThat(new SessionTokenSpec(SECRET, List.of(SECRET), FORM).toString())
        .doesNotContain(SECRET);
    assertThat(new ChannelTokenSpec(KEY, List.of(KEY), HOUR).toString()).doesNotContain(KEY);
  }
}
