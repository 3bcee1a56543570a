package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class P256Test {
  static final String A_PUBLIC =
      "BPnr5GQUfMEC2SMk0JnZJ8GlDkLVegihFv/sCimBnYxlcLr30SiIkCpqDB1nrdEDEjyFmrab+OlDHJOEkw1Lfu4=";
  static final String B_PUBLIC =
      "BL2+rhzdV+aQek8c5IlDZw90CEmIdu7wIzcIpFwO50J13gFzbjdSUSL8gQvWm+aQ7uZCnsBuK1xbUORpL/gvS9E=";
  static final String SECRET = "3f54719b8b75ab75c9de6185f6b5da8b949ba316e27ee1da59f6482d5e46be5f";

  /// The private key whose public half is [#A_PUBLIC].
  private static PrivateKey aPrivate() throws GeneralSecurityException {
    var encoded =
        HexFormat.of()
            .parseHex(
                "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b020101042000000000"
                    + "0000000000000000000000001234567890abcdef1234567890abcdefa14403420004f9ebe464"
                    + "147cc102d92324d099d927c1a50e42d57a08a116ffec0a29819d8c6570baf7d12888902a6a0c"
                    + "1d67add103123c859ab69bf8e9431c9384930d4b7eee");
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
  }

  @Test
  void aSharedSecretIsTheOneAnotherImplementationComputes() throws GeneralSecurityException {
    var theirs = P256.publicKey(B_PUBLIC);
    assertThat(theirs).isNotNull();
    assertThat(P256.text(theirs)).isEqualTo(B_PUBLIC);
    assertThat(HexFormat.of().formatHex(P256.agree(aPrivate(), theirs))).isEqualTo(SECRET);
  }

  @Test
  void bothSidesComputeTheSame() {
    for (int i = 0; i < 20; i++) { // so that a coordinate with a zero in front is met now and then
      var one = P256.newPair();
      var other = P256.newPair();
      assertThat(P256.text(one.getPublic())).hasSize(88);
      var secret = P256.agree(one.getPrivate(), read(P256.text(other.getPublic())));
      assertThat(secret)
          .hasSize(32)
          .isEqualTo(P256.agree(other.getPrivate(), read(P256.text(one.getPublic()))));
    }
  }

  private static java.security.PublicKey read(String text) {
    var key = P256.publicKey(text);
    if (key == null) {
      throw new AssertionError("not read: " + text);
    }
    return key;
  }

  private static @Nullable Object key(byte[] point) {
    return P256.publicKey(Base64.getEncoder().encodeToString(point));
  }

  @Test
  void pointsThatAreNoneAreRefused() {
    var point = Base64.getDecoder().decode(A_PUBLIC);
    assertThat(key(point)).isNotNull();
    for (int at : new int[] {1, 20, 32, 33, 64}) {
      var off = point.clone();
      off[at] ^= 1;
      assertThat(key(off)).as("not on the curve, byte " + at).isNull();
    }
    for (int form : new int[] {0, 2, 3, 5, 6, 7}) {
      var other = point.clone();
      other[0] = (byte) form;
      assertThat(key(other)).as("form " + form).isNull();
    }
    assertThat(key(new byte[] {0})).as("infinity").isNull();
    var zero = new byte[65];
    zero[0] = 4;
    assertThat(key(zero)).as("zero").isNull();
    assertThat(key(Arrays.copyOf(point, 64))).isNull();
    assertThat(key(Arrays.copyOf(point, 66))).isNull();
    var compressed = Arrays.copyOf(point, 33);
    compressed[0] = 2;
    assertThat(key(compressed)).isNull();
  }

  @Test
  void aCoordinateBeyondThePrimeIsRefusedThoughItsResidueIsOnTheCurve() {
    var prime =
        new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    // The point with X = 0: Y is a root of b.
    var b = new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
    var y = b.modPow(prime.add(BigInteger.ONE).shiftRight(2), prime);
    assertThat(key(point(BigInteger.ZERO, y))).isNotNull();
    assertThat(key(point(prime, y))).isNull();
  }

  private static byte[] point(BigInteger x, BigInteger y) {
    return HexFormat.of().parseHex("04" + "%064x".formatted(x) + "%064x".formatted(y));
  }

  @Test
  void damagedKeysNeverFail() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      var text = A_PUBLIC.getBytes(StandardCharsets.US_ASCII);
      IntStream.range(0, random.nextInt(4))
          .forEach(damage -> text[random.nextInt(text.length)] = (byte) random.nextInt(128));
      anyTextIsReadWithoutFailing(text);
    }
  }

  @FuzzTest
  void anyTextIsReadWithoutFailing(byte[] bytes) {
    var key = P256.publicKey(new String(bytes, StandardCharsets.ISO_8859_1));
    assertThat(key == null || P256.text(key).length() == 88).isTrue();
  }
}
