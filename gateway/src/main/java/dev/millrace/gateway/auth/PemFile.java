package dev.millrace.gateway.auth;

import dev.millrace.gateway.auth.JwtKey.Unusable;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads the public key out of a PEM file: `PUBLIC KEY` or `CERTIFICATE`. Source: RFC 7468.
final class PemFile {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private PemFile() {}

  static PublicKey publicKey(byte[] file) throws Unusable {
    var text = new String(file, StandardCharsets.ISO_8859_1);
    if (text.contains("PRIVATE KEY-----")) {
      throw new Unusable(
          "holds a private key, which does not belong on this machine; make the public one with:"
              + " openssl pkey -in KEY -pubout");
    }
    var block = BLOCK.matcher(text);
    if (!block.find()) {
      throw new Unusable("is not PEM: there is no -----BEGIN PUBLIC KEY----- in it");
    }
    try {
      var bytes = Base64.getMimeDecoder().decode(block.group(2));
      return switch (block.group(1)) {
        case "PUBLIC KEY" -> publicKeyInfo(bytes);
        case "CERTIFICATE" ->
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(bytes))
                .getPublicKey();
        default ->
            throw new Unusable(
                "holds a " + block.group(1) + "; PUBLIC KEY or CERTIFICATE is wanted");
      };
    } catch (CertificateException | IllegalArgumentException broken) {
      throw new Unusable("is PEM with something broken in it");
    }
  }

  /// The bytes name their algorithm, so at most one reading succeeds.
  private static PublicKey publicKeyInfo(byte[] info) throws Unusable {
    return publicKeyInfo("RSA", info)
        .or(() -> publicKeyInfo("EC", info))
        .orElseThrow(() -> new Unusable("is neither of RSA nor on the curve P-256"));
  }

  private static Optional<PublicKey> publicKeyInfo(String algorithm, byte[] info) {
    try {
      var key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(info));
      return Optional.of(key);
    } catch (InvalidKeySpecException another) {
      return Optional.empty();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has " + algorithm, impossible);
    }
  }
}
