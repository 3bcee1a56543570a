package dev.millrace.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.testkit.tls.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrivateKeysTest {
  /// OID 1.2.840.10045.3.1.7, the curve P-256.
  private static final byte[] P256 = HexFormat.of().parseHex("06082a8648ce3d030107");

  private final TestCertificates.Certified rsa = TestCertificates.rsa();
  private final TestCertificates.Certified ec = TestCertificates.localhost();

  private static PrivateKey read(String text) {
    return PrivateKeys.of(Pem.blocks(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /// What is inside the OCTET STRING of PKCS#8: the older form of the key.
  private static byte[] older(PrivateKey key) {
    var outer = new DerReader(key.getEncoded());
    outer.next();
    var fields = new DerReader(outer.value());
    fields.next(); // version
    fields.next(); // algorithm
    fields.next();
    return fields.value();
  }

  /// An ECPrivateKey that names its curve, as openssl writes it.
  private byte[] withCurve() {
    var outer = new DerReader(older(ec.privateKey()));
    outer.next();
    var fields = new DerReader(outer.value());
    var content = new ByteArrayOutputStream();
    for (int i = 0; i < 2; i++) { // version and key
      int tag = fields.next();
      content.write(tag);
      content.write(fields.value().length);
      content.writeBytes(fields.value());
    }
    content.write(0xa0);
    content.write(P256.length);
    content.writeBytes(P256);
    var out = new ByteArrayOutputStream();
    out.write(0x30);
    out.write(content.size());
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  @Test
  void readsEachFormOfTheSameKey() throws Exception {
    var rsaText = TestCertificates.pem("RSA PRIVATE KEY", older(rsa.privateKey()));
    assertThat(read(rsaText)).isEqualTo(rsa.privateKey());
    assertThat(read(Files.readString(rsa.keyFile()))).isEqualTo(rsa.privateKey());
    var inKey = TestCertificates.pem("EC PRIVATE KEY", withCurve());
    assertThat(PrivateKeys.fit(read(inKey), ec.certificate().getPublicKey())).isTrue();
    var before =
        TestCertificates.pem("EC PARAMETERS", P256)
            + TestCertificates.pem("EC PRIVATE KEY", older(ec.privateKey()));
    assertThat(PrivateKeys.fit(read(before), ec.certificate().getPublicKey())).isTrue();
    var both = Files.readString(ec.certFile()) + Files.readString(ec.keyFile());
    assertThat(read(both)).isEqualTo(ec.privateKey());
  }

  @Test
  void edwardsKeysFitTheirOtherHalfOnly() throws Exception {
    var generator = KeyPairGenerator.getInstance("Ed25519");
    var one = generator.generateKeyPair();
    var other = generator.generateKeyPair();
    var read = read(TestCertificates.pem("PRIVATE KEY", one.getPrivate().getEncoded()));
    assertThat(PrivateKeys.fit(read, one.getPublic())).isTrue();
    assertThat(PrivateKeys.fit(read, other.getPublic())).isFalse();
    assertThat(PrivateKeys.fit(read, ec.certificate().getPublicKey())).isFalse();
  }

  @Test
  void saysWhatIsWrongAndNothingOfTheKey() {
    assertThatThrownBy(() -> read(TestCertificates.pem("EC PRIVATE KEY", older(ec.privateKey()))))
        .hasMessage("the key names no curve");
    assertThatThrownBy(
            () -> read("-----BEGIN PRIVATE KEY-----\nse!cret\n-----END PRIVATE KEY-----"))
        .hasMessage("a block is not base64")
        .hasNoCause();
    assertThatThrownBy(() -> read("-----BEGIN PRIVATE KEY-----\nsecret"))
        .hasMessage("a block is begun and has no end");
  }

  @Test
  void mutatedFilesAreReadOrRefusedWithASentence() throws Exception {
    long seed = 11;
    var random = new Random(seed);
    var texts =
        List.of(
            Files.readString(rsa.keyFile()),
            Files.readString(ec.keyFile()),
            TestCertificates.pem("RSA PRIVATE KEY", older(rsa.privateKey())),
            TestCertificates.pem("EC PRIVATE KEY", withCurve()));
    for (int round = 0; round < 1_500; round++) {
      var bytes = texts.get(round % texts.size()).getBytes(StandardCharsets.US_ASCII);
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      for (int flips = 1 + random.nextInt(3); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      assertThat(refusal(bytes)).as("seed %s round %s", seed, round).isNotBlank();
      // Damage behind the base64, too.
      var der = withCurve();
      der[random.nextInt(der.length)] = (byte) random.nextInt();
      var damaged =
          TestCertificates.pem(
              "EC PRIVATE KEY", Arrays.copyOf(der, 1 + random.nextInt(der.length)));
      assertThat(refusal(damaged.getBytes(StandardCharsets.US_ASCII)))
          .as("seed %s round %s", seed, round)
          .isNotBlank();
    }
  }

  @FuzzTest
  void anyBytesAreReadOrRefusedWithASentence(byte[] bytes) {
    assertThat(refusal(bytes)).isNotBlank();
    assertThat(
            refusal(
                TestCertificates.pem("EC PRIVATE KEY", bytes).getBytes(StandardCharsets.US_ASCII)))
        .isNotBlank();
  }

  private static String refusal(byte[] file) {
    try {
      return PrivateKeys.of(Pem.blocks(file)).getAlgorithm();
    } catch (IllegalArgumentException refused) {
      return String.valueOf(refused.getMessage());
    }
  }
}
