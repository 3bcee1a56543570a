package dev.millrace.testkit.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;

/// Certificates in PEM files, signed by themselves or by an authority of their own, each made once
/// per run and in a temporary folder.
public final class TestCertificates {
  private static final int RSA_BITS = 2_048;
  private static final Map<Request, Certified> MADE = new ConcurrentHashMap<>();

  private TestCertificates() {}

  /// What a certificate is asked for with. `startDay` counts from today and may be negative;
  /// `algorithm` is `EC` or `RSA`.
  private record Request(
      String host, String algorithm, int startDay, int days, int copy, boolean signed) {}

  /// A certificate and its key, also as PEM files: `certFile` holds the chain, `keyFile` the key in
  /// PKCS#8. `authority` is what a client has to trust: the certificate itself if nobody signed it.
  public record Certified(
      Path certFile,
      Path keyFile,
      X509Certificate certificate,
      X509Certificate authority,
      PrivateKey privateKey) {

    /// For a client that trusts the authority and nothing else.
    public SSLContext clientContext() {
      try {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("trusted", authority);
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
      } catch (GeneralSecurityException | IOException impossible) {
        throw new IllegalStateException("this JDK has no usable TLS", impossible);
      }
    }

    /// For a server that shows this certificate, which nobody but itself has signed.
    public SSLContext serverContext() {
      try {
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("own", privateKey, new char[0], new Certificate[] {certificate});
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(own, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
      } catch (GeneralSecurityException | IOException impossible) {
        throw new IllegalStateException("this JDK has no usable TLS", impossible);
      }
    }
  }

  /// For `localhost` and `127.0.0.1`, valid, with an EC key; the same one every time.
  public static Certified localhost() {
    return localhost(0);
  }

  /// As [#localhost], but another certificate for each number: for exchanging them.
  public static Certified localhost(int copy) {
    return made(new Request("localhost", "EC", -1, 30, copy, false));
  }

  /// For `localhost`, valid, with an RSA key.
  public static Certified rsa() {
    return made(new Request("localhost", "RSA", -1, 30, 0, false));
  }

  /// For `localhost`, valid, signed by an authority whose certificate follows in the file.
  public static Certified signed() {
    return made(new Request("localhost", "EC", -1, 30, 0, true));
  }

  /// For `host`, valid from `startDay` (0 is today, -3 three days ago) on for `days`.
  public static Certified of(String host, int startDay, int days) {
    return made(new Request(host, "EC", startDay, days, 0, false));
  }

  /// PEM text of one block.
  public static String pem(String label, byte[] content) {
    var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }

  private static Certified made(Request request) {
    return MADE.computeIfAbsent(request, TestCertificates::make);
  }

  private static Certified make(Request request) {
    try {
      var key = keys(request);
      if (!request.signed()) {
        var certificate = issued(request, "key", key, "key", key);
        return written(key.getPrivate(), certificate, List.of(certificate));
      }
      var authorityKey = keys(request);
      var authority = issued(request, "authority", authorityKey, "authority", authorityKey);
      var certificate = issued(request, "key", key, "authority", authorityKey);
      return written(key.getPrivate(), authority, List.of(certificate, authority));
    } catch (IOException failure) {
      throw new UncheckedIOException("no certificate for a test", failure);
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("no certificate for a test", failure);
    }
  }

  private static KeyPair keys(Request request) throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance(request.algorithm());
    if (request.algorithm().equals("EC")) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    } else {
      generator.initialize(RSA_BITS);
    }
    return generator.generateKeyPair();
  }

  private static X509Certificate issued(
      Request request, String role, KeyPair key, String signerRole, KeyPair signer)
      throws GeneralSecurityException {
    var from =
        Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(request.startDay(), ChronoUnit.DAYS);
    var subject =
        new X509.Subject(
            name(request, role),
            request.host(),
            from,
            from.plus(request.days(), ChronoUnit.DAYS),
            role.equals("authority"));
    return X509.signed(subject, key.getPublic(), name(request, signerRole), signer.getPrivate());
  }

  private static X500Principal name(Request request, String role) {
    return new X500Principal("CN=" + request.host() + ",OU=" + role + request.copy());
  }

  private static Certified written(
      PrivateKey key, X509Certificate authority, List<X509Certificate> chain)
      throws GeneralSecurityException, IOException {
    var folder = Files.createTempDirectory("certificate");
    folder.toFile().deleteOnExit();
    var text = new StringBuilder();
    for (var certificate : chain) {
      text.append(pem("CERTIFICATE", certificate.getEncoded()));
    }
    return new Certified(
        written(folder.resolve("cert.pem"), text.toString()),
        written(folder.resolve("key.pem"), pem("PRIVATE KEY", key.getEncoded())),
        chain.getFirst(),
        authority,
        key);
  }

  private static Path written(Path file, String text) throws IOException {
    Files.writeString(file, text);
    file.toFile().deleteOnExit();
    return file;
  }
}
