package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.wse.codec.WireFrame;
import dev.millrace.hub.EncryptionSpec;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyExchangeTest {
  private static final long NOW = 5_000_000_000L;
  private static final KeyExchange.Answer AGREED = new KeyExchange.Answer.Agreed();
  private static final String TEXT = "U{\"t\":\"x\",\"p\":{}}";

  private final FrameCipher cipher = new FrameCipher(new SecureRandom());
  private final KeyExchange keys = new KeyExchange(KeyDerivation.SALTED);

  private byte[] sealedByServer() {
    var out = Unpooled.buffer();
    keys.appendFrame(cipher, WireFrame.buffer(TEXT), out);
    return WireFrame.payload(out);
  }

  private @Nullable String openedByServer(byte[] frame) {
    var plain = keys.open(cipher, frame, 2, frame.length);
    return plain == null ? null : WireFrame.text(plain);
  }

  @Test
  void bothDerivationsAreThoseOfAnotherImplementation() {
    var secret = HexFormat.of().parseHex(P256Test.SECRET);
    assertThat(HexFormat.of().formatHex(KeyDerivation.SALTED.key(secret).getEncoded()))
        .isEqualTo("3521ce44443d58e3d5943b1f25fe071b621c5557673a39e36d5db0f4c2bb4691");
    assertThat(HexFormat.of().formatHex(KeyDerivation.UNSALTED.key(secret).getEncoded()))
        .isEqualTo("33c0abe76defcea273ab4d762b409ff56b4f996a6baaa1fc64d18627ec35a3a4");
    assertThat(KeyDerivation.of(EncryptionSpec.Derivation.SALTED)).isEqualTo(KeyDerivation.SALTED);
    assertThat(KeyDerivation.of(EncryptionSpec.Derivation.UNSALTED))
        .isEqualTo(KeyDerivation.UNSALTED);
  }

  @Test
  void theClientsFirstFrameDecidesWhicheverDerivationItUses() {
    for (var derivation : KeyDerivation.values()) {
      for (var preferred : KeyDerivation.values()) {
        var exchange = new KeyExchange(preferred);
        var client = new ClientKeys(derivation);
        assertThat(exchange.accept(client.answer(exchange.offer()), NOW)).isEqualTo(AGREED);
        assertThat(exchange.isAgreed()).isTrue();
        assertThat(exchange.maySeal(NOW)).isFalse();
        var frame = client.sealed(TEXT);
        assertThat(exchange.open(cipher, frame, 2, frame.length)).asString().isEqualTo(TEXT);
        assertThat(exchange.maySeal(NOW)).isTrue();
        var out = Unpooled.buffer();
        exchange.appendFrame(cipher, WireFrame.buffer(TEXT), out);
        assertThat(client.opened(WireFrame.payload(out))).isEqualTo(TEXT);
      }
    }
  }

  @Test
  void withoutAFrameTheConfiguredDerivationCountsAfterTwoSeconds() {
    var salted = new ClientKeys(KeyDerivation.SALTED);
    keys.accept(salted.answer(keys.offer()), NOW);
    long patience = KeyExchange.PATIENCE.toNanos();
    assertThat(keys.maySeal(NOW + patience - 1)).isFalse();
    assertThat(keys.maySeal(NOW + patience)).isTrue();
    assertThat(salted.opened(sealedByServer())).isEqualTo(TEXT);
  }

  @Test
  void aLateFrameStillProvesTheOtherDerivation() {
    var unsalted = new ClientKeys(KeyDerivation.UNSALTED);
    keys.accept(unsalted.answer(keys.offer()), NOW);
    assertThat(keys.maySeal(NOW + KeyExchange.PATIENCE.toNanos())).isTrue();
    assertThat(unsalted.opened(sealedByServer())).isNull();
    assertThat(openedByServer(unsalted.sealed(TEXT))).isEqualTo(TEXT);
    assertThat(unsalted.opened(sealedByServer())).isEqualTo(TEXT);
  }

  @Test
  void aKeyIsAcceptedOnceAndNeverWithoutAnOffer() {
    var client = new ClientKeys(KeyDerivation.SALTED);
    assertThat(keys.accept(P256Test.A_PUBLIC, NOW)).isEqualTo(refused("no key has been offered"));
    var offer = keys.offer();
    assertThat(keys.offer()).isEqualTo(offer);
    assertThat(keys.isOffered()).isTrue();
    assertThat(keys.accept(client.answer(offer), NOW)).isEqualTo(AGREED);
    assertThat(keys.isOffered()).isFalse();
    assertThat(keys.offer()).as("announced again, not made again").isEqualTo(offer);
    assertThat(keys.accept(client.answer(offer), NOW))
        .isEqualTo(refused("a key has been agreed already; ask for a rotation first"));
  }

  private static KeyExchange.Answer refused(String why) {
    return new KeyExchange.Answer.Refused(why);
  }

  @Test
  void anInvalidKeyIsRefusedAndTheOfferStands() {
    var offer = keys.offer();
    for (var wrong : List.of("", "BA==", "no base64", P256Test.A_PUBLIC.replace("BPnr", "BPns"))) {
      assertThat(keys.accept(wrong, NOW)).isInstanceOf(KeyExchange.Answer.Refused.class);
    }
    assertThat(keys.isAgreed()).isFalse();
    assertThatThrownBy(this::sealedByServer).isInstanceOf(IllegalStateException.class);
    var client = new ClientKeys(KeyDerivation.SALTED);
    assertThat(keys.accept(client.answer(offer), NOW)).isEqualTo(AGREED);
  }

  @Test
  void aRotationKeepsWhatIsKnownOfTheClientAndLosesNoFrameOnTheWay() {
    var client = new ClientKeys(KeyDerivation.UNSALTED);
    keys.accept(client.answer(keys.offer()), NOW);
    openedByServer(client.sealed(TEXT));
    var late = client.sealed("late");
    var first = keys.offer();
    var second = keys.rotate();
    assertThat(second).isNotEqualTo(first);
    assertThat(client.opened(sealedByServer())).as("until it answers").isEqualTo(TEXT);
    assertThat(keys.accept(client.answer(second), NOW)).isEqualTo(AGREED);
    assertThat(keys.maySeal(NOW)).as("no doubt remains").isTrue();
    assertThat(client.opened(sealedByServer())).isEqualTo(TEXT);
    assertThat(openedByServer(late)).isEqualTo("late");
    assertThat(openedByServer(client.sealed(TEXT))).isEqualTo(TEXT);
    assertThat(openedByServer(late)).as("after a frame under the new key").isNull();
  }

  @Test
  void afterDisablingNothingIsSealedAndANewKeyMayBeAgreed() {
    var client = new ClientKeys(KeyDerivation.SALTED);
    var first = keys.offer();
    keys.accept(client.answer(first), NOW);
    var frame = client.sealed(TEXT);
    keys.disable();
    assertThat(keys.isAgreed()).isFalse();
    assertThat(keys.maySeal(NOW + KeyExchange.PATIENCE.toNanos())).isFalse();
    assertThat(openedByServer(frame)).isNull();
    var second = keys.offer();
    assertThat(second).isNotEqualTo(first);
    assertThat(keys.accept(client.answer(second), NOW)).isEqualTo(AGREED);
    assertThat(openedByServer(client.sealed(TEXT))).isEqualTo(TEXT);
  }

  private static KeyDerivation either(Random random) {
    return random.nextBoolean() ? KeyDerivation.SALTED : KeyDerivation.UNSALTED;
  }

  /// Whatever happens in whatever order: a key is agreed exactly when the model says so, and what
  /// either side seals under the newest key the other opens.
  @Test
  void theStatesAreThoseOfANaiveModel() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int walk = 0; walk < 30; walk++) {
      var exchange = new KeyExchange(either(random));
      var client = new ClientKeys(either(random));
      boolean offered = false;
      boolean agreed = false;
      boolean proven = false;
      @Nullable String offer = null;
      var steps = new ArrayList<String>();
      for (int step = 0; step < 12; step++) {
        var as = "seed " + seed + ", " + steps;
        switch (random.nextInt(5)) {
          case 0 -> {
            steps.add("offer");
            boolean fresh = offer == null;
            offer = exchange.offer();
            offered |= fresh;
          }
          case 1 -> {
            steps.add("rotate");
            offer = exchange.rotate();
            offered = true;
          }
          case 2 -> {
            steps.add("accept");
            var answer = offered && offer != null ? client.answer(offer) : P256Test.A_PUBLIC;
            assertThat(exchange.accept(answer, NOW).equals(AGREED)).as(as).isEqualTo(offered);
            agreed |= offered;
            offered = false;
          }
          case 3 -> {
            steps.add("frame");
            if (agreed) {
              var frame = client.sealed(TEXT);
              assertThat(exchange.open(cipher, frame, 2, frame.length)).as(as).isNotNull();
              proven = true;
            }
          }
          default -> {
            if (random.nextInt(4) == 0) {
              steps.add("disable");
              exchange.disable();
              offered = false;
              agreed = false;
              proven = false;
              offer = null;
            }
          }
        }
        assertThat(exchange.isAgreed()).as(as).isEqualTo(agreed);
        assertThat(exchange.isOffered()).as(as).isEqualTo(offered);
        assertThat(exchange.maySeal(NOW)).as(as).isEqualTo(agreed && proven);
        if (agreed && proven) {
          var out = Unpooled.buffer();
          exchange.appendFrame(cipher, WireFrame.buffer(TEXT), out);
          assertThat(client.opened(WireFrame.payload(out))).as(as).isEqualTo(TEXT);
        }
      }
    }
  }
}
