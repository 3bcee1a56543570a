package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.gateway.wse.crypto.FrameCipher;
import dev.millrace.gateway.wse.crypto.KeyDerivation;
import dev.millrace.gateway.wse.crypto.KeyExchange;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InboundFramesTest {
  private static final String ENVELOPE = "U{\"t\":\"x\",\"p\":{\"a\":1}}";

  private final FrameCipher cipher = new FrameCipher(new SecureRandom());
  private final InboundFrames frames = new InboundFrames(1_000, cipher);

  @AfterEach
  void close() {
    frames.close();
  }

  private static KeyExchange agreed() {
    var server = new KeyExchange(KeyDerivation.SALTED);
    var client = new KeyExchange(KeyDerivation.SALTED);
    client.offer();
    server.offer();
    server.accept(client.offer(), 0);
    client.accept(server.offer(), 0);
    return server; // both have the same key, so it opens what it seals
  }

  private static byte[] sealed(KeyExchange keys, FrameCipher cipher, String text) {
    var out = Unpooled.buffer();
    keys.appendFrame(cipher, WireFrame.buffer(text), out);
    return WireFrame.payload(out);
  }

  @Test
  void whatHasNoFramingIsHandedOnAsItIs() {
    for (var text :
        List.of(
            "", "{", "U{}", "PING:1", "C", "C{", "MM:", ":", "X:1", "C:", "WSE{\"t\":\"C:\"}")) {
      var bytes = WireFrame.bytes(text);
      assertThat(frames.unframe(bytes, true, null)).as(text).isEqualTo(new Unframed.Text(bytes));
    }
  }

  @Test
  void aCompressedEnvelopeIsInflated() {
    try (var compressor = new Compressor(1)) {
      var text = "{\"t\":\"" + "y".repeat(500) + "\"}";
      var out = Unpooled.buffer();
      assertThat(compressor.appendFrame(WireFrame.buffer(text), 0, out)).isTrue();
      assertThat(text(frames.unframe(WireFrame.payload(out), false, null))).isEqualTo(text);
      var large = Unpooled.buffer();
      compressor.appendFrame(WireFrame.buffer("y".repeat(1_001)), 0, large);
      assertThat(frames.unframe(WireFrame.payload(large), false, null))
          .isEqualTo(new Unframed.TooLarge(1_000));
    }
  }

  @Test
  void aPackedEnvelopeIsUnpackedAndANakedOneWhereTheConnectionAskedForIt() {
    var marked = HexFormat.of().parseHex("4d3a81a174a178");
    var naked = HexFormat.of().parseHex("81a174a178");
    assertThat(text(frames.unframe(marked, false, null))).isEqualTo("{\"t\":\"x\"}");
    assertThat(text(frames.unframe(naked, true, null))).isEqualTo("{\"t\":\"x\"}");
    assertThat(frames.unframe(naked, false, null)).isEqualTo(new Unframed.Text(naked));
    assertThat(text(frames.unframe(HexFormat.of().parseHex("de0001a174a178"), true, null)))
        .isEqualTo("{\"t\":\"x\"}");
    var text = WireFrame.bytes(ENVELOPE); // a connection with packed messages may send text, too
    assertThat(frames.unframe(text, true, null)).isEqualTo(new Unframed.Text(text));
    assertThat(frames.unframe(WireFrame.bytes("M:{}"), true, null))
        .isEqualTo(new Unframed.Refused(Unframed.Reason.NOT_PACKED));
  }

  @Test
  void aSealedEnvelopeIsOpenedWithTheKeyOfTheSession() {
    var keys = agreed();
    assertThat(text(frames.unframe(sealed(keys, cipher, ENVELOPE), false, keys)))
        .isEqualTo(ENVELOPE);
    var other = sealed(agreed(), cipher, ENVELOPE);
    assertThat(frames.unframe(other, false, keys))
        .isEqualTo(new Unframed.Refused(Unframed.Reason.NOT_SEALED));
    assertThat(frames.unframe(other, false, null))
        .isEqualTo(new Unframed.Refused(Unframed.Reason.NO_KEY));
    assertThat(frames.unframe(other, false, new KeyExchange(KeyDerivation.SALTED)))
        .isEqualTo(new Unframed.Refused(Unframed.Reason.NO_KEY));
  }

  @Test
  void everyReasonIsASentence() {
    for (var reason : Unframed.Reason.values()) {
      assertThat(reason.sentence()).isNotBlank();
    }
  }

  @Test
  void damagedFramesNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    var keys = agreed();
    for (int i = 0; i < 3_000; i++) {
      var text = json.object(3);
      var packed = Unpooled.buffer();
      MessagePackForm.appendFrame(WireFrame.buffer(text), packed);
      anyBytesAreUnframedWithoutFailing(json.damaged(WireFrame.payload(packed)));
      var damaged = json.damaged(sealed(keys, cipher, text));
      assertThat(frames.unframe(damaged, true, keys)).as("seed " + seed).isNotNull();
    }
  }

  @FuzzTest
  void anyBytesAreUnframedWithoutFailing(byte[] bytes) {
    assertThat(frames.unframe(bytes, true, null)).isNotNull();
  }

  private static String text(Unframed unframed) {
    return WireFrame.text(((Unframed.Text) unframed).bytes());
  }
}
