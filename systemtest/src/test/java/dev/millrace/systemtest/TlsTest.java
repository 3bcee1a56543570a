package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import dev.millrace.testkit.tls.TestCertificates.Certified;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A server with a certificate, and what becomes of it when its files change.
class TlsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Certified FIRST = TestCertificates.localhost(0);
  private static final Certified SECOND = TestCertificates.localhost(1);

  @TempDir private Path folder;
  private Path config;
  private Path certFile;
  private Path keyFile;

  @BeforeEach
  void write() {
    certFile = folder.resolve("server.pem");
    keyFile = folder.resolve("server.key");
    config =
        Graphs.write(
            folder.resolve("millrace.yaml"),
            "server: { port: 0, tls: { cert_file: server.pem, key_file: server.key } }\n");
    put(FIRST.certFile(), certFile);
    put(FIRST.keyFile(), keyFile);
  }

  @AfterEach
  void nothingOfTheKeyIsShown() throws IOException {
    var line = Files.readAllLines(keyFile).stream().skip(1).findFirst().orElse("none at all");
    try (var files = Files.list(folder)) {
      for (var file : files.filter(one -> one.toString().endsWith(".txt")).toList()) {
        assertThat(Files.readString(file)).doesNotContain(line);
      }
    }
  }

  @Test
  void certificatesAreExchangedWhileConnectionsStay() {
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      assertThat(address.getScheme()).isEqualTo("https");
      assertThat(isServed(FIRST, address)).isTrue();
      assertThat(isServed(SECOND, address)).isFalse();
      assertThat(Http.rawStatus(plain(address), "GET /healthz", "Host: localhost")).isEqualTo(400);
      try (var client = client(FIRST);
          var console = WebSocketClient.connect(client, address, "/ws/noc")) {
        ping(console);

        put(SECOND.certFile(), certFile);
        put(SECOND.keyFile(), keyFile);
        Await.until(SOON, () -> isServed(SECOND, address), () -> "still the old one");
        assertThat(isServed(FIRST, address)).isFalse();
        ping(console);
        assertThat(configOf(SECOND, address).path("last_error").isNull()).isTrue();

        // A key that is another certificate's.
        put(FIRST.keyFile(), keyFile);
        Await.until(
            SOON, () -> !lastError(SECOND, address).isNull(), () -> "nothing is found wrong");
        assertThat(lastError(SECOND, address).toString())
            .contains("server.key", "fix")
            .doesNotContain("Exception");
        assertThat(isServed(SECOND, address)).isTrue();

        put(FIRST.certFile(), certFile);
        Await.until(SOON, () -> isServed(FIRST, address), () -> "still the one before");
        assertThat(lastError(FIRST, address).isNull()).isTrue();
        ping(console);
      }
    }
  }

  @Test
  void aCertificateThatCannotBeUsedIsBadConfiguration() throws IOException {
    Files.writeString(certFile, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
    assertRefused("server.pem");
    put(SECOND.certFile(), certFile);
    assertRefused("server.key");
    put(TestCertificates.of("localhost", -10, 5).certFile(), certFile);
    put(TestCertificates.of("localhost", -10, 5).keyFile(), keyFile);
    assertRefused("expired on");
    Files.delete(certFile);
    assertRefused("server.pem");
  }

  @Test
  void theCommandLineTrustsWhomItIsTold() {
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady().toString();
      assertThat(exitOf("health", address, "--ca", certFile.toString())).isZero();
      assertThat(exitOf("health", address)).isEqualTo(69);
      assertThat(exitOf("health", address.replace("https", "http"))).isEqualTo(1);
    }
  }

  private void assertRefused(String what) {
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isEqualTo(78);
      assertThat(process.err()).contains(what, "fix ").doesNotContain("\tat ");
    }
  }

  private int exitOf(String... args) {
    try (var process = MillraceProcess.start(folder, args)) {
      return process.awaitExit(PATIENCE);
    }
  }

  /// As tools that renew certificates do it: a new file takes the old one's name.
  private static void put(Path from, Path to) {
    try {
      var next = to.resolveSibling(to.getFileName() + ".next");
      Files.copy(from, next, StandardCopyOption.REPLACE_EXISTING);
      Files.move(next, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void ping(WebSocketClient console) {
    long pongs = pongs(console.received());
    console.send("{\"op\":\"ping\",\"id\":1}");
    console.await("a pong", received -> pongs(received) > pongs);
  }

  private static long pongs(List<WebSocketClient.Message> received) {
    return received.stream()
        .filter(message -> message.json().path("type").asString("").equals("pong"))
        .count();
  }

  private static URI plain(URI address) {
    return URI.create("http" + address.toString().substring("https".length()));
  }

  private static HttpClient client(Certified trusted) {
    return HttpClient.newBuilder()
        .sslContext(trusted.clientContext())
        .connectTimeout(PATIENCE)
        .build();
  }

  /// Whether a new connection gets this certificate.
  private static boolean isServed(Certified certificate, URI address) {
    try {
      return get(certificate, address, "/healthz").contains("ok");
    } catch (SSLException another) {
      return false;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static JsonNode lastError(Certified certificate, URI address) {
    return configOf(certificate, address).path("last_error");
  }

  private static JsonNode configOf(Certified certificate, URI address) {
    try {
      return Json.tree(
          get(certificate, address, "/api/v1/config").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String get(Certified certificate, URI address, String path) throws IOException {
    try (var client = client(certificate)) {
      var request = HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for an answer", interrupted);
    }
  }
}
