package dev.millrace.net.tls;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Reads a certificate and its key out of their files and checks that they can be used, each thing
/// that can be wrong with a sentence of its own. No message has anything of what stands in a file
/// but the certificate's dates.
final class CertificateFiles {
  private static final String CODE = "E_BAD_TLS";

  /// A chain of a dozen certificates has some 30 KiB.
  private static final long MAX_BYTES = 1 << 20;

  private final Path certFile;
  private final Path keyFile;
  private final Location where;

  private CertificateFiles(TlsSpec spec, Path base, Location where) {
    this.certFile = base.resolve(spec.certFile());
    this.keyFile = base.resolve(spec.keyFile());
    this.where = where;
  }

  /// `inUse` comes back when the files hold just that.
  static Tls.Certified read(TlsSpec spec, Path base, Location where, Tls.@Nullable Certified inUse)
      throws ProblemException {
    return new CertificateFiles(spec, base, where).read(inUse);
  }

  private Tls.Certified read(Tls.@Nullable Certified inUse) throws ProblemException {
    var certBytes = bytes(certFile, "cert_file", "certificate");
    var keyBytes = bytes(keyFile, "key_file", "key");
    var fingerprint = fingerprint(certBytes, keyBytes);
    if (inUse != null && inUse.fingerprint().equals(fingerprint)) {
      return inUse;
    }
    var chain = chain(certBytes);
    var key = key(keyBytes);
    checkPair(chain, key);
    checkOrder(chain);
    checkDates(chain.getFirst());
    try {
      var context =
          SslContextBuilder.forServer(key, chain)
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      ApplicationProtocolConfig.Protocol.ALPN,
                      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                      ApplicationProtocolNames.HTTP_1_1))
              .build();
      return new Tls.Certified(context, fingerprint, end(chain));
    } catch (SSLException refused) {
      throw problem(
          "cert_file",
          "this JDK cannot use the certificate " + certFile + ": " + refused.getMessage(),
          "Use a certificate with an RSA, EC or Ed25519 key.");
    }
  }

  private byte[] bytes(Path file, String key, String what) throws ProblemException {
    try {
      if (Files.isDirectory(file)) {
        throw problem(key, file + " is a folder, not a " + what, "Name the PEM file itself.");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw problem(
            key, file + " is longer than 1 MiB, too long for a " + what, "Name the PEM file.");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw problem(
          key,
          "there is no file " + file.toAbsolutePath() + " for the " + what,
          "Correct server.tls." + key + ", or put the " + what + " there.");
    } catch (AccessDeniedException denied) {
      throw problem(
          key,
          "this user may not read the " + what + " " + file,
          "Give the user that runs the server the right to read it.");
    } catch (IOException broken) {
      throw problem(
          key, "the " + what + " " + file + " cannot be read: " + broken.getMessage(), null);
    }
  }

  private List<X509Certificate> chain(byte[] file) throws ProblemException {
    var chain = new ArrayList<X509Certificate>();
    try {
      var factory = CertificateFactory.getInstance("X.509");
      for (var block : Pem.blocks(file)) {
        if (block.label().equals("CERTIFICATE")) {
          var in = new ByteArrayInputStream(block.content());
          chain.add((X509Certificate) factory.generateCertificate(in));
        }
      }
    } catch (IllegalArgumentException | CertificateException wrong) {
      throw problem(
          "cert_file",
          "the certificate " + certFile + " is damaged",
          "Copy it again; it begins with -----BEGIN CERTIFICATE-----.");
    }
    if (chain.isEmpty()) {
      throw problem(
          "cert_file",
          certFile + " is not a certificate in PEM",
          "A PEM file begins with -----BEGIN CERTIFICATE-----; openssl x509 converts others.");
    }
    return chain;
  }

  private PrivateKey key(byte[] file) throws ProblemException {
    try {
      var blocks = Pem.blocks(file);
      if (blocks.isEmpty()) {
        throw problem(
            "key_file",
            keyFile + " is not a key in PEM",
            "A PEM file begins with -----BEGIN PRIVATE KEY-----; openssl pkey converts others.");
      }
      return PrivateKeys.of(blocks);
    } catch (IllegalArgumentException wrong) {
      var why = String.valueOf(wrong.getMessage());
      throw problem(
          "key_file",
          "the key " + keyFile + " cannot be used: " + why,
          why.endsWith("encrypted")
              ? "Write it without a password: openssl pkey -in KEY -out NEW; keep the file private."
              : "Make sure that it is the key that was made for the certificate.");
    }
  }

  private void checkPair(List<X509Certificate> chain, PrivateKey key) throws ProblemException {
    if (fits(key, chain.getFirst())) {
      return;
    }
    if (chain.stream().anyMatch(certificate -> fits(key, certificate))) {
      throw problem(
          "cert_file",
          "the first certificate in " + certFile + " is not the server's own",
          "Put the server's certificate first, then the one that signed it, and so on.");
    }
    throw problem(
        "key_file",
        "the key " + keyFile + " does not belong to the certificate " + certFile,
        "Name the key that the certificate was made for; after renewing, exchange both.");
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate) {
    try {
      return PrivateKeys.fit(key, certificate.getPublicKey());
    } catch (GeneralSecurityException different) {
      return false; // of another kind or size
    }
  }

  private void checkOrder(List<X509Certificate> chain) throws ProblemException {
    for (int i = 1; i < chain.size(); i++) {
      if (!isSignedBy(chain.get(i - 1), chain.get(i))) {
        throw problem(
            "cert_file",
            "certificate " + (i + 1) + " in " + certFile + " did not sign the one before it",
            "Each certificate is followed by the one that signed it; remove what does not belong.");
      }
    }
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException other) {
      return false; // signed with another key
    }
  }

  private void checkDates(X509Certificate certificate) throws ProblemException {
    var now = Instant.now();
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw problem(
          "cert_file",
          "the certificate " + certFile + " expired on " + certificate.getNotAfter().toInstant(),
          "Renew it.");
    }
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      throw problem(
          "cert_file",
          "the certificate "
              + certFile
              + " is not valid before "
              + certificate.getNotBefore().toInstant(),
          "Check this machine's clock, or use the certificate that is valid now.");
    }
  }

  private static Instant end(List<X509Certificate> chain) {
    return chain.stream()
        .map(certificate -> certificate.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  private static String fingerprint(byte[] certBytes, byte[] keyBytes) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(certBytes);
      digest.update((byte) 0);
      return HexFormat.of().formatHex(digest.digest(keyBytes));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private ProblemException problem(String key, String what, @Nullable String fix) {
    return new ProblemException(Problem.error(CODE, where.child(key), what, fix));
  }
}
