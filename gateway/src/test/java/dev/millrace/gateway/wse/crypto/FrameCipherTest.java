package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FrameCipherTest {
  private static final SecretKey KEY =
      KeyDerivation.SALTED.key(HexFormat.of().parseHex(P256Test.SECRET));

  private final FrameCipher cipher = new FrameCipher(new SecureRandom());

  private byte[] sealed(String text) {
    var out = Unpooled.buffer();
    cipher.appendFrame(KEY, WireFrame.buffer(text), out);
    return WireFrame.payload(out);
  }

  private @Nullable String opened(byte[] message) {
    var plain = cipher.open(KEY, message, 2, message.length);
    return plain == null ? null : WireFrame.text(plain);
  }

  @Test
  void aFrameThatAnotherImplementationSealedIsOpened() {
    var theirs =
        HexFormat.of()
            .parseHex(
                "453a000102030405060708090a0ba57b85f799c0191d61e26eb47f344a86e35734a27a8739d97786"
                    + "efc4524f3da580");
    assertThat(opened(theirs)).isEqualTo("U{\"t\":\"x\",\"p\":{}}");
    var base64 =
        "E:" + Base64.getEncoder().encodeToString(Arrays.copyOfRange(theirs, 2, theirs.length));
    assertThat(opened(WireFrame.bytes(base64))).isEqualTo("U{\"t\":\"x\",\"p\":{}}");
  }

  @Test
  void whatWasSealedIsOpenedFromAnyBuffer() {
    for (int length : new int[] {0, 1, 90, 95, 96, 97, 65_500, 65_505, 65_506, 1 << 20}) {
      var text = "x".repeat(length);
      for (ByteBuf out :
          new ByteBuf[] {Unpooled.buffer(1), ByteBufAllocator.DEFAULT.directBuffer(1)}) {
        var plain = ByteBufAllocator.DEFAULT.directBuffer(length + 1);
        plain.writeCharSequence(text, StandardCharsets.US_ASCII);
        cipher.appendFrame(KEY, plain, out);
        assertThat(plain.readableBytes()).isEqualTo(length);
        plain.release();
        assertThat(out.readableBytes()).isEqualTo(FrameCipher.frameBytes(length));
        var payload = WireFrame.payload(out);
        assertThat(payload).hasSize(2 + 12 + length + 16).startsWith('E', ':');
        assertThat(opened(payload)).isEqualTo(text);
      }
    }
  }

  @Test
  void noTwoFramesHaveTheSameIv() {
    var seen = new HashSet<String>();
    for (int i = 0; i < 2_000; i++) {
      assertThat(seen.add(HexFormat.of().formatHex(sealed(""), 2, 14))).isTrue();
    }
  }

  @Test
  void whatWasTouchedIsNotOpened() {
    var frame = sealed("U{\"t\":\"x\"}");
    for (int at = 2; at < frame.length; at++) {
      var touched = frame.clone();
      touched[at] ^= 1;
      assertThat(opened(touched)).as("byte " + at).isNull();
    }
    for (int length = 2; length < frame.length; length++) {
      assertThat(opened(Arrays.copyOf(frame, length))).as("cut at " + length).isNull();
    }
    assertThat(opened(frame)).isNotNull();
  }

  @Test
  void damagedFramesNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 3_000; i++) {
      anyBytesAreOpenedWithoutFailing(json.damaged(sealed("U{}")));
    }
  }

  @FuzzTest
  void anyBytesAreOpenedWithoutFailing(byte[] bytes) {
    cipher.open(KEY, bytes, 0, bytes.length);
  }
}
