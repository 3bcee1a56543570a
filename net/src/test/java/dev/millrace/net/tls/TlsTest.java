package dev.millrace.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.testkit.tls.TestCertificates;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final Location WHERE = Location.of("millrace.yaml").child("server").child("tls");

  private final TestCertificates.Certified good = TestCertificates.localhost();
  @TempDir Path folder;

  private Tls load(Path certFile, Path keyFile) throws ProblemException {
    return Tls.load(new TlsSpec(certFile.toString(), keyFile.toString()), folder, WHERE);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(Path certFile, Path keyFile) {
    return assertThatThrownBy(() -> load(certFile, keyFile)).isInstanceOf(ProblemException.class);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void tellsWhatItHasLoaded() throws Exception {
    var tls = load(good.certFile(), good.keyFile());
    assertThat(tls.notAfter()).isEqualTo(good.certificate().getNotAfter().toInstant());
    assertThat(tls.fingerprint()).matches("[0-9a-f]{64}");
    var other = TestCertificates.localhost(1);
    assertThat(load(other.certFile(), other.keyFile()).fingerprint())
        .isNotEqualTo(tls.fingerprint());
  }

  @Test
  void clientsMayNotRenegotiate() throws Exception {
    load(good.certFile(), good.keyFile());
    assertThat(System.getProperty("jdk.tls.rejectClientInitiatedRenegotiation")).isEqualTo("true");
  }

  @Test
  void relativePathsStartFromTheFolderGiven() throws Exception {
    Files.copy(good.certFile(), folder.resolve("c.pem"));
    Files.copy(good.keyFile(), folder.resolve("k.pem"));
    assertThat(Tls.load(new TlsSpec("c.pem", "k.pem"), folder, WHERE).fingerprint())
        .isEqualTo(load(good.certFile(), good.keyFile()).fingerprint());
  }

  @Test
  void missingFilesAreNamedWithTheirKey() {
    refused(folder.resolve("no.pem"), good.keyFile())
        .hasMessageContaining("there is no file " + folder.resolve("no.pem"))
        .hasMessageContaining("/server/tls/cert_file");
    refused(good.certFile(), folder.resolve("no.pem"))
        .hasMessageContaining("for the key")
        .hasMessageContaining("/server/tls/key_file");
    refused(folder, good.keyFile()).hasMessageContaining("is a folder, not a certificate");
  }

  @Test
  void aFileThatMayNotBeReadIsSaidSo() throws Exception {
    var hidden = Files.copy(good.keyFile(), folder.resolve("hidden.pem"));
    Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(Files.isReadable(hidden), "this user may read everything");
    refused(good.certFile(), hidden).hasMessageContaining("this user may not read the key");
  }

  @Test
  void whatIsNotPemIsSaidSo() throws Exception {
    var words = file("words.pem", "hello");
    refused(words, good.keyFile()).hasMessageContaining("is not a certificate in PEM");
    refused(good.certFile(), words).hasMessageContaining("is not a key in PEM");
    refused(good.certFile(), good.certFile()).hasMessageContaining("no private key is in it");
    refused(good.keyFile(), good.keyFile()).hasMessageContaining("is not a certificate in PEM");
    var cut = file("cut.pem", Files.readString(good.certFile()).substring(0, 200));
    refused(cut, good.keyFile()).hasMessageContaining("is damaged");
    var nonsense = file("nonsense.pem", TestCertificates.pem("CERTIFICATE", new byte[100]));
    refused(nonsense, good.keyFile()).hasMessageContaining("is damaged");
    var noKey = file("nokey.pem", TestCertificates.pem("PRIVATE KEY", new byte[100]));
    refused(good.certFile(), noKey).hasMessageContaining("the key is damaged, or of a kind other");
    var long1 = file("long.pem", "x".repeat((1 << 20) + 1));
    refused(long1, good.keyFile()).hasMessageContaining("longer than 1 MiB");
  }

  @Test
  void anEncryptedKeyIsSaidSoInBothForms() throws Exception {
    var pkcs8 = file("e1.pem", TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[100]));
    var older =
        file(
            "e2.pem",
            """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00

            AAAA
            -----END RSA PRIVATE KEY-----
            """);
    refused(good.certFile(), pkcs8)
        .hasMessageContaining("the key is encrypted")
        .hasMessageContaining("openssl pkey");
    refused(good.certFile(), older).hasMessageContaining("the key is encrypted");
  }

  @Test
  void aKeyOfAnotherCertificateIsSaidSo() {
    refused(good.certFile(), TestCertificates.localhost(1).keyFile())
        .hasMessageContaining("does not belong to the certificate");
    refused(good.certFile(), TestCertificates.rsa().keyFile())
        .hasMessageContaining("does not belong to the certificate");
  }

  @Test
  void aChainBeginsWithTheServersOwn() throws Exception {
    var signed = TestCertificates.signed();
    var tls = load(signed.certFile(), signed.keyFile());
    assertThat(tls.notAfter())
        .isBeforeOrEqualTo(signed.certificate().getNotAfter().toInstant())
        .isBeforeOrEqualTo(signed.authority().getNotAfter().toInstant());
    var own = TestCertificates.pem("CERTIFICATE", signed.certificate().getEncoded());
    var authority = TestCertificates.pem("CERTIFICATE", signed.authority().getEncoded());
    assertThat(load(file("chain.pem", own + "words between\n" + authority), signed.keyFile()))
        .isNotNull();
    refused(file("wrong.pem", authority + own), signed.keyFile())
        .hasMessageContaining("the first certificate in")
        .hasMessageContaining("Put the server's certificate first");
    refused(file("stray.pem", own + Files.readString(good.certFile())), signed.keyFile())
        .hasMessageContaining("certificate 2 in")
        .hasMessageContaining("did not sign the one before it");
  }

  @Test
  void datesAreChecked() {
    var old = TestCertificates.of("localhost", -10, 3);
    refused(old.certFile(), old.keyFile())
        .hasMessageContaining("expired on " + old.certificate().getNotAfter().toInstant())
        .hasMessageContaining("Renew it");
    var young = TestCertificates.of("localhost", 3, 3);
    refused(young.certFile(), young.keyFile()).hasMessageContaining("is not valid before");
  }

  @Test
  void preparingChangesNothingAndCommittingDoes() throws Exception {
    var tls = load(good.certFile(), good.keyFile());
    var before = tls.fingerprint();
    var other = TestCertificates.localhost(1);
    var prepared =
        tls.prepare(
            new TlsSpec(other.certFile().toString(), other.keyFile().toString()), folder, WHERE);
    assertThat(tls.fingerprint()).isEqualTo(before);
    assertThatThrownBy(() -> tls.prepare(new TlsSpec("no", "no"), folder, WHERE))
        .isInstanceOf(ProblemException.class);
    assertThat(tls.fingerprint()).isEqualTo(before);
    prepared.commit();
    assertThat(tls.fingerprint()).isNotEqualTo(before);
    assertThat(tls.notAfter()).isEqualTo(other.certificate().getNotAfter().toInstant());
  }

  @Test
  void whatIsInUseIsNotJudgedAgain() throws Exception {
    var old = TestCertificates.of("localhost", -10, 3);
    var digest = MessageDigest.getInstance("SHA-256");
    digest.update(Files.readAllBytes(old.certFile()));
    digest.update((byte) 0);
    var fingerprint = HexFormat.of().formatHex(digest.digest(Files.readAllBytes(old.keyFile())));
    var spec = new TlsSpec(old.certFile().toString(), old.keyFile().toString());
    var context = SslContextBuilder.forClient().build(); // not looked at
    var inUse =
        new Tls.Certified(context, fingerprint, old.certificate().getNotAfter().toInstant());
    assertThat(CertificateFiles.read(spec, folder, WHERE, inUse)).isSameAs(inUse);
    var another = new Tls.Certified(context, "another", inUse.notAfter());
    assertThatThrownBy(() -> CertificateFiles.read(spec, folder, WHERE, another))
        .hasMessageContaining("expired on");
  }
}
