package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.wse.Fixtures;
import dev.millrace.gateway.wse.codec.WireFrame;
import io.netty.buffer.Unpooled;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The sealed frames of `framings.json`, which another implementation made.
class SealedFixturesTest {
  /// Gives the same bytes again and again.
  private static final class Fixed extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final byte[] bytes;

    Fixed(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] out) {
      for (int i = 0; i < out.length; i++) {
        out[i] = bytes[i % bytes.length];
      }
    }
  }

  @Test
  void sealedFramesAreMadeAndOpenedWithTheKeyThatBothSidesComeTo() throws GeneralSecurityException {
    int found = 0;
    for (var fixture : Fixtures.read("framings.json")) {
      if (!fixture.path("framing").asString().equals("sealed")) {
        continue;
      }
      found++;
      var name = fixture.path("name").asString();
      var pkcs = Base64.getDecoder().decode(fixture.path("client_private").asString());
      var own = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs));
      var theirs = Objects.requireNonNull(P256.publicKey(fixture.path("server_public").asString()));
      assertThat(P256.publicKey(fixture.path("client_public").asString())).as(name).isNotNull();
      var derivation =
          KeyDerivation.valueOf(fixture.path("derivation").asString().toUpperCase(Locale.ROOT));
      var key = derivation.key(P256.agree(own, theirs));
      assertThat(HexFormat.of().formatHex(key.getEncoded()))
          .as(name)
          .isEqualTo(fixture.path("key").asString());

      var frame = Base64.getDecoder().decode(fixture.path("frame_base64").asString());
      var content = fixture.path("content").asString();
      var cipher =
          new FrameCipher(new Fixed(HexFormat.of().parseHex(fixture.path("iv").asString())));
      var opened = cipher.open(key, frame, 2, frame.length);
      assertThat(WireFrame.text(Objects.requireNonNull(opened))).as(name).isEqualTo(content);
      var out = Unpooled.buffer();
      cipher.appendFrame(key, WireFrame.buffer(content), out);
      assertThat(WireFrame.payload(out)).as(name).isEqualTo(frame);
    }
    assertThat(found).isEqualTo(2);
  }
}
