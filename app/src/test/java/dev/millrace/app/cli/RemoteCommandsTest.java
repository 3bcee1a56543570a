package dev.millrace.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.millrace.testkit.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The commands that talk to a running server: who is there, and how a token gets to it.
class RemoteCommandsTest extends RemoteFixture {
  private static final String HEALTHY =
      "{\"status\":\"healthy\",\"data\":{\"healthy\":true,\"components\":{"
          + "\"hub\":{\"healthy\":true,\"clients\":3}}}}";

  @Test
  void aHealthyServerIsSaidToBeAndEachComponentHasItsLine() {
    answer("/health", 200, HEALTHY);
    assertThat(millrace("health", url())).as(err()).isZero();
    assertThat(out()).isEqualTo(url() + " healthy\n  hub  healthy  clients=3\n");
    assertThat(authorizations).containsExactly("none");
    out.reset();
    assertThat(millrace("health", url() + "/", "--json")).isZero();
    assertThat(out()).isEqualTo(HEALTHY + "\n");
  }

  @Test
  void anUnhealthyServerIsExitCodeOneAndItsTextCannotCommandTheTerminal() {
    answer(
        "/health",
        503,
        "{\"status\":\"unhealthy\",\"data\":{\"healthy\":false,\"components\":{"
            + "\"pipeline.a\\u001b[2J\":{\"healthy\":false,\"state\":\"Error\\u0007\"}}}}");
    assertThat(millrace("health", url())).isEqualTo(1);
    assertThat(out())
        .contains("unhealthy\n  pipeline.a?[2J  unhealthy  state=Error?\n")
        .doesNotContain("\u001b", "\u0007");
  }

  @Test
  void nobodyThereIsExitCodeSixtyNine() throws IOException {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    var nobody = "http://127.0.0.1:" + port;
    assertThat(millrace("health", nobody)).isEqualTo(69);
    assertThat(err()).contains(nobody + " cannot be reached", "fix Is it running");
    var file = folder.resolve("b.zip");
    assertThat(millrace("backup", nobody, "--out", file.toString())).isEqualTo(69);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void somebodyWhoDoesNotSpeakHttpIsUnreachable() throws Exception {
    try (var other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var speaks =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var socket = other.accept()) {
                      socket
                          .getOutputStream()
                          .write("220 smtp\r\n".getBytes(StandardCharsets.US_ASCII));
                      socket.getOutputStream().flush();
                    } catch (IOException closed) {
                      Thread.currentThread().interrupt();
                    }
                  });
      assertThat(millrace("health", "http://127.0.0.1:" + other.getLocalPort())).isEqualTo(69);
      speaks.join();
    }
    assertThat(err()).contains("does not speak HTTP");
  }

  @Test
  void anotherServerIsNotTakenForMillrace() {
    answer("/health", 200, "<html>welcome</html>");
    assertThat(millrace("health", url())).isEqualTo(1);
    assertThat(err()).contains("answers 200 and not in the way Millrace does");
    server.removeContext("/health");
    answer("/health", 200, "{}");
    assertThat(millrace("health", url())).isEqualTo(1);
    assertThat(err()).contains("answers 200, which is not what was asked for");
  }

  @Test
  void aRedirectIsNotFollowedBecauseTheTokenWouldBe() throws IOException {
    server.createContext(
        "/health",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          send(exchange, 302, "{}");
        });
    server.createContext("/elsewhere", this::count);
    assertThat(millrace("health", url(), "--token-file", token("geheim"))).isEqualTo(1);
    assertThat(asked).hasValue(0);
  }

  @Test
  void whoeverIsRefusedLearnsWhereATokenGoes() throws IOException {
    answer("/health", 401, "{\"error\":{\"code\":\"NO_TOKEN\",\"message\":\"who are you?\"}}");
    assertThat(millrace("health", url())).isEqualTo(1);
    assertThat(err()).contains("refuses: who are you?", "--token-file FILE, or $MILLRACE_TOKEN");
    err.reset();
    assertThat(millrace("health", url(), "--token-file", token("geheim"))).isEqualTo(1);
    assertThat(err()).contains("Use a token with the role for it.").doesNotContain("geheim");
    assertThat(authorizations).containsExactly("none", "Bearer geheim");
  }

  @Test
  void aTokenComesFromAFileOrTheEnvironmentAndIsNeverRepeated() throws Exception {
    answer("/health", 200, HEALTHY);
    assertThat(millrace("health", url(), "--token-file", token(" geheim\n"))).isZero();
    assertThat(authorizations).containsExactly("Bearer geheim");
    for (var bad : List.of("", "  \n", "two words", "ge\u0000heim", "geheim\ngeheim", "gehéim")) {
      assertThat(millrace("health", url(), "--token-file", token(bad))).isEqualTo(2);
    }
    assertThat(err()).contains("there is no token in ").doesNotContain("heim");
    assertThat(millrace("health", url(), "--token-file", "nowhere")).isEqualTo(2);
    assertThat(err()).contains("the token file nowhere cannot be read");

    var options = new RemoteOptions();
    assertThat(options.token(Map.of("MILLRACE_TOKEN", "abc"))).isEqualTo("abc");
    assertThat(options.token(Map.of())).isNull();
    assertThatThrownBy(() -> options.token(Map.of("MILLRACE_TOKEN", "a b")))
        .isInstanceOf(ExitException.class)
        .hasMessageContaining("there is no token in $MILLRACE_TOKEN");
  }

  @Test
  void aWrongUrlIsUsageAndAPasswordInItIsNotRepeated() {
    for (var wrong :
        List.of(
            "http://admin:geheim@127.0.0.1:1",
            "127.0.0.1:8080",
            "ws://127.0.0.1",
            "http://",
            "http://h/?token=geheim",
            "http://h/#geheim",
            "http://[geheim")) {
      assertThat(millrace("health", wrong)).as(wrong).isEqualTo(2);
    }
    assertThat(err()).contains("--token-file").doesNotContain("geheim");
    assertThat(millrace("health")).isEqualTo(2);
  }

  @Test
  void aTokenOverPlainHttpToAnotherMachineIsWarnedOf() throws IOException {
    // TCP connects to no broadcast address, so nothing leaves this machine and nothing is waited
    // for.
    var url = "http://255.255.255.255:9";
    assertThat(millrace("health", url, "--token-file", token("geheim"))).isEqualTo(69);
    assertThat(err()).contains("warning: the token goes to 255.255.255.255 unencrypted");
  }

  @Test
  void aPrivateCertificateIsTrustedWhenItIsNamed() throws Exception {
    var certified = TestCertificates.localhost();
    var https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(certified.serverContext()));
    https.createContext("/health", exchange -> send(exchange, 200, HEALTHY));
    https.start();
    try {
      var url = "https://127.0.0.1:" + https.getAddress().getPort();
      assertThat(millrace("health", url, "--ca", certified.certFile().toString()))
          .as(err())
          .isZero();
      assertThat(millrace("health", url)).isEqualTo(69);
      assertThat(err()).contains("cannot be reached safely", "--ca FILE");
      var nonsense = Files.writeString(folder.resolve("no.pem"), "");
      assertThat(millrace("health", url, "--ca", nonsense.toString())).isEqualTo(2);
      assertThat(err()).contains("it holds no certificate");
    } finally {
      https.stop(0);
    }
  }

  @Test
  void theSchemaIsTheOneInTheReference() throws IOException {
    assertThat(millrace("check", "--schema")).isZero();
    assertThat(out())
        .isEqualTo(Files.readString(Path.of("..", "docs", "reference", "millrace.schema.json")));
  }
}
