package dev.millrace.bench.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MaskTest {

  @Test
  void theExampleOfTheStandardReadsHello() {
    // RFC 6455, section 5.7: a masked "Hello".
    var bytes = ByteBuffer.wrap(new byte[] {0x7F, (byte) 0x9F, 0x4D, 0x51, 0x58});

    Mask.apply(bytes, 0, 5, 0x37FA213D);

    assertThat(new String(bytes.array(), StandardCharsets.US_ASCII)).isEqualTo("Hello");
  }

  @Test
  void eightAtATimeIsTheSameAsOneByOne() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var bytes = new byte[64];
      random.nextBytes(bytes);
      int from = random.nextInt(8);
      int length = random.nextInt(bytes.length - from);
      int key = random.nextInt(4) == 0 ? 0 : random.nextInt();
      var expected = bytes.clone();
      for (int i = 0; i < length; i++) {
        expected[from + i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
      }

      Mask.apply(ByteBuffer.wrap(bytes), from, length, key);

      assertThat(bytes).as("seed " + seed + ", round " + round).isEqualTo(expected);
    }
  }
}
