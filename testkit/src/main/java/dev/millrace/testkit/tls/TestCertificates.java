package dev.millrace.testkit.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Self-signed certificates in PEM files, made by the JDK's `keytool`, each once per run and in a
/// temporary folder. Making one takes about a second.
public final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Map<Request, Certified> MADE = new ConcurrentHashMap<>();

  private TestCertificates() {}

  /// What a certificate is asked for with. `startDay` counts from today and may be negative;
  /// `algorithm` is one of `keytool -keyalg`.
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
      var folder = Files.createTempDirectory("certificate");
      folder.toFile().deleteOnExit();
      var store = folder.resolve("keys.p12");
      if (request.signed()) {
        runKeytool(request, store, "authority", "-ext", "bc:c");
        runKeytool(request, store, "key", "-signer", "authority");
      } else {
        runKeytool(request, store, "key");
      }
      var keys = KeyStore.getInstance("PKCS12");
      try (var in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD);
      }
      Files.delete(store);
      return written(folder, keys);
    } catch (IOException failure) {
      throw new UncheckedIOException("no certificate for a test", failure);
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("no certificate for a test", failure);
    }
  }

  private static Certified written(Path folder, KeyStore keys)
      throws GeneralSecurityException, IOException {
    var chain = keys.getCertificateChain("key");
    var key = (PrivateKey) keys.getKey("key", PASSWORD);
    var text = new StringBuilder();
    for (var certificate : chain) {
      text.append(pem("CERTIFICATE", certificate.getEncoded()));
    }
    return new Certified(
        written(folder.resolve("cert.pem"), text.toString()),
        written(folder.resolve("key.pem"), pem("PRIVATE KEY", key.getEncoded())),
        (X509Certificate) chain[0],
        (X509Certificate) chain[chain.length - 1],
        key);
  }

  private static void runKeytool(Request request, Path store, String alias, String... more)
      throws IOException {
    var arguments =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + request.host() + ",OU=" + alias + request.copy(),
                "-ext",
                "SAN=dns:" + request.host() + ",ip:127.0.0.1",
                "-startdate",
                (request.startDay() < 0 ? "" : "+") + request.startDay() + "d",
                "-validity",
                Integer.toString(request.days()),
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD),
                "-keyalg",
                request.algorithm()));
    if (request.algorithm().equals("EC")) {
      arguments.addAll(List.of("-groupname", "secp256r1"));
    }
    arguments.addAll(List.of(more));
    var command = new ProcessBuilder(arguments);
    var process = command.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("keytool failed: " + said);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", stop);
    }
  }

  private static Path written(Path file, String text) throws IOException {
    Files.writeString(file, text);
    file.toFile().deleteOnExit();
    return file;
  }
}
