package dev.millrace.net.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
  private static final int[] INTERESTING = {
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
    0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
  };

  @Test
  void agreesWithTheJdkOnEverySequenceOfFourInterestingBytes() {
    for (int a : INTERESTING) {
      for (int b : INTERESTING) {
        for (int c : INTERESTING) {
          for (int d : INTERESTING) {
            byte[] bytes = {(byte) a, (byte) b, (byte) c, (byte) d};
            if (isValid(bytes) != jdkSays(bytes)) {
              throw new AssertionError("%x %x %x %x".formatted(a, b, c, d));
            }
          }
        }
      }
    }
  }

  @Test
  void givesTheSameVerdictHoweverTheTextIsCut() {
    long seed = 20_251;
    var random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      var bytes = new byte[random.nextInt(40)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(4) > 0 ? 'a' : INTERESTING[random.nextInt(25)]);
      }
      if (random.nextBoolean()) {
        bytes = "grüße 漢字 \uD83D\uDE00 ".repeat(2).getBytes(StandardCharsets.UTF_8);
      }
      var text = ByteBuffer.wrap(bytes);
      int state = Utf8.BOUNDARY;
      for (int at = 0; at < bytes.length; ) {
        int next = Math.min(bytes.length, at + 1 + random.nextInt(9));
        state = state == Utf8.INVALID ? state : Utf8.check(state, text.slice(at, next - at));
        at = next;
      }
      assertThat(state == Utf8.BOUNDARY)
          .as("seed %s round %s", seed, round)
          .isEqualTo(jdkSays(bytes));
    }
  }

  @Test
  void failsAtTheFirstByteThatCannotBe() {
    var surrogate = ByteBuffer.wrap(new byte[] {'a', (byte) 0xed, (byte) 0xa0});
    assertThat(Utf8.check(Utf8.BOUNDARY, surrogate.slice(0, 2))).isNotEqualTo(Utf8.INVALID);
    assertThat(Utf8.check(Utf8.BOUNDARY, surrogate)).isEqualTo(Utf8.INVALID);
  }

  private static boolean isValid(byte[] bytes) {
    return Utf8.check(Utf8.BOUNDARY, ByteBuffer.wrap(bytes)) == Utf8.BOUNDARY;
  }

  private static boolean jdkSays(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException broken) {
      return false;
    }
  }
}
