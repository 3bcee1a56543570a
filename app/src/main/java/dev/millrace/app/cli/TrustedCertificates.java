package dev.millrace.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Whom an https client trusts when it is told: the certificates of one PEM file and nobody else.
final class TrustedCertificates {
  private TrustedCertificates() {}

  /// @throws ExitException if the file cannot be read or holds no certificate
  static SSLContext only(Path pem) throws ExitException {
    try (var in = Files.newInputStream(pem)) {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("trusted-" + store.size(), certificate);
      }
      if (store.size() == 0) {
        throw new GeneralSecurityException("it holds no certificate");
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException unusable) {
      throw new ExitException(
          ExitCode.USAGE,
          "error: the certificates of "
              + pem
              + " cannot be used: "
              + Messages.printable(unusable.toString())
              + "\n    fix Name a PEM file with the certificate of whoever signed the server's.",
          unusable);
    }
  }
}
