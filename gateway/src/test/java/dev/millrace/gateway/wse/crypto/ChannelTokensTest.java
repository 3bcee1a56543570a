package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import dev.millrace.gateway.wse.crypto.ChannelTokens.Grant;
import dev.millrace.hub.ChannelTokenSpec;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChannelTokensTest {
  private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  private static final String OLD = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final Duration HOUR = Duration.ofHours(1);

  private final FakeClock clock = new FakeClock();
  private final ChannelTokens tokens = tokens(KEY);

  private ChannelTokens tokens(String key, String... previous) {
    var spec = new ChannelTokenSpec(key, List.of(previous), HOUR);
    return ChannelTokens.of(spec, clock, new SecureRandom()).orElseThrow();
  }

  private String sealed(String text) {
    return Fernet.of(KEY, HOUR, clock, new SecureRandom()).orElseThrow().seal(text);
  }

  private long inSeconds(long seconds) {
    return Math.floorDiv(clock.epochMillis(), 1_000) * 1_000 + seconds * 1_000;
  }

  @Test
  void withoutAKeyThereAreNone() {
    var spec = new ChannelTokenSpec(null, List.of(), HOUR);
    assertThat(ChannelTokens.of(spec, clock, new SecureRandom())).isEmpty();
  }

  @Test
  void aTokenSaysWhoMayFollowWhatUntilWhen() {
    var token = tokens.mint("did:plc:ann", "orders.é*", Duration.ofMinutes(10));
    assertThat(tokens.read(token)).contains(new Grant("did:plc:ann", "orders.é*", inSeconds(600)));
    clock.advance(HOUR.plusSeconds(1));
    assertThat(tokens.read(token)).isEmpty();
  }

  @Test
  void othersWithTheKeyMakeThemToo() {
    assertThat(tokens.read(sealed("{\"type\":\"ws_channel\",\"user\":\"a\",\"topic\":\"t\"}")))
        .as("as long as the server allows")
        .contains(new Grant("a", "t", inSeconds(3_600)));
    var text = "{\"type\":\"ws_channel\",\"user\":\"a\",\"topic\":\"t\",\"seconds\":%s}";
    assertThat(tokens.read(sealed(text.formatted(999_999_999L))))
        .contains(new Grant("a", "t", inSeconds(3_600)));
    assertThat(tokens.read(sealed(text.formatted(7)))).contains(new Grant("a", "t", inSeconds(7)));
    for (var seconds : List.of("1.5", "\"7\"", "1e99", "99999999999999999999999", "[]")) {
      assertThat(tokens.read(sealed(text.formatted(seconds)))).as(seconds).isEmpty();
    }
  }

  @Test
  void whatTheKeySealsForSomethingElseIsNoToken() {
    for (var text :
        List.of(
            "",
            "hello",
            "[]",
            "{}",
            "{\"user\":\"a\",\"topic\":\"t\"}",
            "{\"type\":\"other\",\"user\":\"a\",\"topic\":\"t\"}",
            "{\"type\":\"ws_channel\",\"topic\":\"t\"}",
            "{\"type\":\"ws_channel\",\"user\":7,\"topic\":\"t\"}",
            "{\"type\":\"ws_channel\",\"user\":\"a\",\"topic\":null}")) {
      assertThat(tokens.read(sealed(text))).as(text).isEmpty();
    }
  }

  @Test
  void keysCanBeChangedWhileOldTokensCount() {
    var token = tokens(OLD).mint("ann", "t", HOUR);
    assertThat(tokens.read(token)).isEmpty();
    assertThat(tokens(KEY, OLD).read(token)).isPresent();
    assertThat(tokens(OLD).read(tokens(KEY, OLD).mint("ann", "t", HOUR)))
        .as("the first key seals")
        .isEmpty();
  }

  @Test
  void damagedTokensNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    var token = WireFrame.bytes(tokens.mint("ann", "t", HOUR));
    for (int i = 0; i < 3_000; i++) {
      anyTextIsReadWithoutFailing(json.damaged(token));
    }
  }

  @FuzzTest
  void anyTextIsReadWithoutFailing(byte[] bytes) {
    tokens.read(new String(bytes, StandardCharsets.ISO_8859_1));
    tokens.read(sealed(new String(bytes, StandardCharsets.UTF_8)));
  }
}
