package dev.millrace.testkit.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import org.junit.jupiter.api.Test;

class TestCertificatesTest {
  @Test
  void aCertificateIsMadeOnceAndLiesInFiles() throws Exception {
    var made = TestCertificates.localhost();

    assertThat(TestCertificates.localhost()).isSameAs(made);
    made.certificate().checkValidity();
    assertThat(made.certificate().getSubjectAlternativeNames().toString())
        .contains("localhost", "127.0.0.1");
    assertThat(Files.readString(made.certFile())).startsWith("-----BEGIN CERTIFICATE-----\n");
    assertThat(Files.readString(made.keyFile())).startsWith("-----BEGIN PRIVATE KEY-----\n");
    assertThat(made.clientContext().getProtocol()).isEqualTo("TLS");
  }

  @Test
  void aSignedOneComesWithItsAuthority() throws Exception {
    var signed = TestCertificates.signed();

    signed.certificate().verify(signed.authority().getPublicKey());
    assertThat(Files.readString(signed.certFile())).containsPattern("(?s)BEGIN.*BEGIN");
    assertThat(TestCertificates.rsa().privateKey().getAlgorithm()).isEqualTo("RSA");
    assertThat(TestCertificates.localhost(1).authority())
        .isNotEqualTo(TestCertificates.localhost().authority());
  }

  @Test
  void datesMayLieInThePastOrTheFuture() {
    assertThatThrownBy(() -> TestCertificates.of("old", -10, 3).certificate().checkValidity())
        .isInstanceOf(CertificateExpiredException.class);
    assertThatThrownBy(() -> TestCertificates.of("new", 3, 3).certificate().checkValidity())
        .isInstanceOf(CertificateNotYetValidException.class);
  }
}
