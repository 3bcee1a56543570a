package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FernetTest {
  // The vector that the public specification publishes.
  private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  private static final String TOKEN =
      "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU"
          + "4IwqDA==";
  private static final Instant MADE = Instant.parse("1985-10-26T08:20:00Z");
  private static final Fernet.Opened HELLO = new Fernet.Opened("hello", MADE.getEpochSecond());

  private static FakeClock clockAt(Instant now) {
    var clock = new FakeClock();
    clock.jumpWallClock(Duration.between(Instant.ofEpochMilli(clock.epochMillis()), now));
    return clock;
  }

  private static Fernet at(Instant now) {
    return Fernet.of(KEY, Duration.ofSeconds(60), clockAt(now), new SecureRandom()).orElseThrow();
  }

  private static byte[] sequence() {
    var iv = new byte[16];
    for (int i = 0; i < iv.length; i++) {
      iv[i] = (byte) i;
    }
    return iv;
  }

  @Test
  void theVectorOfTheSpecificationIsMadeAndRead() {
    assertThat(at(MADE).token(WireFrame.bytes("hello"), sequence(), MADE.getEpochSecond()))
        .isEqualTo(TOKEN);
    assertThat(at(MADE.plusSeconds(1)).open(TOKEN)).contains(HELLO);
  }

  @Test
  void whatWasSealedComesBackUntilItIsTooOld() {
    for (var text : new String[] {"", "hello", "x".repeat(15), "y".repeat(16), "äö€"}) {
      var token = at(MADE).seal(text);
      var opened = new Fernet.Opened(text, MADE.getEpochSecond());
      assertThat(at(MADE.plusSeconds(60)).open(token)).contains(opened);
      assertThat(at(MADE.plusSeconds(61)).open(token)).isEmpty();
      assertThat(at(MADE.minusSeconds(60)).open(token)).contains(opened);
      assertThat(at(MADE.minusSeconds(61)).open(token)).isEmpty();
      assertThat(at(MADE).seal(text)).isNotEqualTo(token);
    }
  }

  @Test
  void tokensThatAreNoneAreRefused() {
    var fernet = at(MADE);
    var bytes = Base64.getUrlDecoder().decode(TOKEN);
    for (int at = 0; at < bytes.length; at++) {
      var touched = bytes.clone();
      touched[at] ^= 1;
      assertThat(fernet.open(Base64.getUrlEncoder().encodeToString(touched)))
          .as("byte " + at)
          .isEmpty();
    }
    assertThat(fernet.open("")).isEmpty();
    assertThat(fernet.open("%%%%%%%%")).isEmpty();
    assertThat(fernet.open("gAAAAAAdwJ6w")).isEmpty();
  }

  @Test
  void aSoundSignatureDoesNotMakeBadPaddingOrHalfABlockReadable() {
    var bytes = Base64.getUrlDecoder().decode(TOKEN);
    var signing = Arrays.copyOf(Base64.getUrlDecoder().decode(KEY), 16);
    var wrongIv = Arrays.copyOf(bytes, bytes.length - 32);
    wrongIv[24] ^= 0x7f;
    assertThat(at(MADE).open(signed(wrongIv, signing))).isEmpty();
    var longer = Arrays.copyOf(bytes, bytes.length - 32 + 5);
    assertThat(at(MADE).open(signed(longer, signing))).isEmpty();
  }

  private static String signed(byte[] body, byte[] key) {
    var token = ByteBuffer.allocate(body.length + 32).put(body).put(Digests.hmac(key, body));
    return Base64.getUrlEncoder().encodeToString(token.array());
  }

  @Test
  void aKeyIsThirtyTwoBytesOfBase64() {
    var clock = clockAt(MADE);
    for (var key : new String[] {"", "abc", "%", KEY + "AAAA", KEY.substring(4)}) {
      assertThat(Fernet.of(key, Duration.ofHours(1), clock, new SecureRandom())).as(key).isEmpty();
    }
  }

  @Test
  void damagedTokensNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 5_000; i++) {
      anyTextIsOpenedWithoutFailing(json.damaged(WireFrame.bytes(TOKEN)));
    }
  }

  @FuzzTest
  void anyTextIsOpenedWithoutFailing(byte[] bytes) {
    at(MADE).open(new String(bytes, StandardCharsets.ISO_8859_1));
  }
}
