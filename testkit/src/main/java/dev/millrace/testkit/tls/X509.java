package dev.millrace.testkit.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import javax.security.auth.x500.X500Principal;

/// Writes X.509 certificates, which the JDK itself can only read. Source: RFC 5280, sections 4.1
/// and 4.2, encoded as DER.
final class X509 {
  private static final int BOOLEAN = 0x01;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int NULL = 0x05;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTC_TIME = 0x17;
  private static final int SEQUENCE = 0x30;
  private static final int VERSION = 0xa0;
  private static final int EXTENSIONS = 0xa3;
  private static final int DNS_NAME = 0x82;
  private static final int IP_ADDRESS = 0x87;

  private static final byte[] ECDSA_WITH_SHA256 = {
    0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
  };
  private static final byte[] SHA256_WITH_RSA = {
    0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x0b
  };
  private static final byte[] ALTERNATIVE_NAMES = {0x55, 0x1d, 0x11};
  private static final byte[] BASIC_CONSTRAINTS = {0x55, 0x1d, 0x13};
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final byte[] TRUE = {(byte) 0xff};
  private static final byte[] V3 = {2};
  private static final int SERIAL_BITS = 63;

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private X509() {}

  /// Who a certificate is for, and when it is valid. `host` stands in it as a name beside the
  /// address 127.0.0.1; an `authority` may sign others.
  record Subject(X500Principal name, String host, Instant from, Instant to, boolean authority) {}

  /// A certificate for the owner of `key`, signed by `issuer` with `signer`, an EC or RSA key.
  static X509Certificate signed(
      Subject subject, PublicKey key, X500Principal issuer, PrivateKey signer)
      throws GeneralSecurityException {
    boolean rsa = signer.getAlgorithm().equals("RSA");
    var algorithm =
        rsa
            ? der(SEQUENCE, der(OBJECT_IDENTIFIER, SHA256_WITH_RSA), der(NULL))
            : der(SEQUENCE, der(OBJECT_IDENTIFIER, ECDSA_WITH_SHA256));
    var content = content(subject, key, issuer, algorithm);
    var signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSA");
    signature.initSign(signer);
    signature.update(content);
    var whole = der(SEQUENCE, content, algorithm, bits(signature.sign()));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(whole));
  }

  private static byte[] content(
      Subject subject, PublicKey key, X500Principal issuer, byte[] algorithm) {
    var serial = new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0); // never zero
    var names =
        der(
            SEQUENCE,
            der(DNS_NAME, subject.host().getBytes(StandardCharsets.US_ASCII)),
            der(IP_ADDRESS, LOOPBACK));
    var alternatives =
        der(SEQUENCE, der(OBJECT_IDENTIFIER, ALTERNATIVE_NAMES), der(OCTET_STRING, names));
    var constraints =
        der(
            SEQUENCE,
            der(OBJECT_IDENTIFIER, BASIC_CONSTRAINTS),
            der(BOOLEAN, TRUE),
            der(OCTET_STRING, der(SEQUENCE, der(BOOLEAN, TRUE))));
    return der(
        SEQUENCE,
        der(VERSION, der(INTEGER, V3)),
        der(INTEGER, serial.toByteArray()),
        algorithm,
        issuer.getEncoded(),
        der(SEQUENCE, time(subject.from()), time(subject.to())),
        subject.name().getEncoded(),
        key.getEncoded(),
        der(
            EXTENSIONS,
            subject.authority()
                ? der(SEQUENCE, constraints, alternatives)
                : der(SEQUENCE, alternatives)));
  }

  private static byte[] time(Instant at) {
    return der(UTC_TIME, UTC.format(at).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] bits(byte[] whole) {
    byte[] noUnusedBits = {0};
    return der(BIT_STRING, noUnusedBits, whole);
  }

  /// One value: its tag, its length, its parts one after the other.
  private static byte[] der(int tag, byte[]... parts) {
    int length = 0;
    for (var part : parts) {
      length += part.length;
    }
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    for (var part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
