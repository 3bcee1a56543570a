package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Configurations in the guides are sound as they stand, and what one guide has its reader type
/// does what it says.
@Timeout(180)
class GuideConfigsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String LAUNCHER = "./millrace";
  private static final DocsPage MOVING = DocsPage.of("docs/guides/moving-from-wse.md");

  @TempDir private Path folder;

  /// The files that the guides name.
  @BeforeEach
  void writeKeys() throws Exception {
    for (var name : List.of("ops", "ingest", "grafana", "backend")) {
      write("secrets/" + name + ".token", name + "-0123456789abcdef0123456789");
    }
    write("secrets/hook.key", "0123456789abcdef0123456789abcdef");
    write("secrets/jwt.secret", WebTokens.SECRET);
    write("secrets/signing.secret", WebTokens.SECRET);
    write("secrets/session.secret", WebTokens.SECRET);
    write("secrets/channel.key", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");
    write("keys/jwks.json", keySet());
    var certified = TestCertificates.localhost(0);
    Files.createDirectories(folder.resolve("tls"));
    Files.copy(certified.certFile(), folder.resolve("tls/server.pem"));
    Files.copy(certified.keyFile(), folder.resolve("tls/server.key"));
  }

  private void write(String name, String text) throws IOException {
    var file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"securing", "moving-from-wse", "programs"})
  void everyConfigurationIsFoundToBeSound(String guide) {
    var page = DocsPage.of("docs/guides/" + guide + ".md");
    var blocks = page.all("(?s)```yaml\n(.*?)```");
    assertThat(blocks).hasSizeGreaterThan(1);
    for (var block : blocks) {
      Graphs.write(folder.resolve("block.yaml"), block);
      try (var check = MillraceProcess.start(folder, "check", "block.yaml", "--strict")) {
        // An address for everybody needs auth, which another block of the page has.
        int exit = check.awaitExit(PATIENCE);
        var said = check.out() + check.err();
        assertThat(exit == 0 || isOnlyAboutAuth(said)).as(block + "\n" + said).isTrue();
      }
    }
  }

  private static boolean isOnlyAboutAuth(String said) {
    return said.contains("E_PUBLIC_WITHOUT_AUTH")
        && said.lines().filter(line -> line.contains("error")).count() <= 2;
  }

  @Test
  void everyCommandOfTheMoveExists() {
    var shown = MOVING.commands(LAUNCHER);
    assertThat(shown).hasSizeGreaterThan(4);
    try (var help = MillraceProcess.start(folder, "help")) {
      assertThat(help.awaitExit(PATIENCE)).isZero();
      assertThat(shown)
          .allSatisfy(
              command -> assertThat(help.out()).contains("\n  " + command.getFirst() + " "));
    }
  }

  @Test
  void whoMovesOverGetsAServerThatItsClientsConnectTo() {
    // Without a certificate that nobody here trusts; on loopback it needs none.
    Graphs.write(
        folder.resolve("relay.yaml"),
        MOVING.yaml("relay.yaml").replaceFirst("(?m)^  tls: .*\n", ""));
    try (var server =
        millrace(
            MOVING.command(LAUNCHER, "run"),
            "--set",
            "server.port=0",
            "--set",
            "server.host=127.0.0.1")) {
      var address = server.awaitReady();
      var token = printed(MOVING.command(LAUNCHER, "mint"));
      try (var client = WebSocketClient.connectAs(token, address, "/wse?topics=orders.new")) {
        assertThat(client.first("server_ready").at("/p/details/user_id").asString(""))
            .isEqualTo("alice");
        client.first("subscription_update");
        printed(at(address, MOVING.command(LAUNCHER, "publish")));
        assertThat(client.first("orders.new").at("/p/id").asInt()).isEqualTo(7);
        var sessions =
            Http.getAs(
                "backend-0123456789abcdef0123456789", address, "/api/v1/sessions?user=alice");
        assertThat(sessions.json().path("matching").asInt()).isEqualTo(1);
      }
      printed(at(address, MOVING.command(LAUNCHER, "health")));
      assertThat(Exposition.of(address).value("ws_connections_total")).isEqualTo(1);
    }
  }

  private static List<String> at(URI address, List<String> command) {
    return command.stream()
        .map(word -> word.startsWith("https://") ? address.toString() : word)
        .toList();
  }

  private String printed(List<String> command) {
    try (var process = millrace(command)) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      return process.out().strip();
    }
  }

  private MillraceProcess millrace(List<String> command, String... more) {
    var words = new ArrayList<>(command);
    words.addAll(List.of(more));
    return MillraceProcess.start(folder, words.toArray(String[]::new));
  }

  /// A set of one public key of ES256 (RFC 7517).
  private static String keySet() throws Exception {
    var point = publicKey().getW();
    return "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"use\":\"sig\",\"kid\":\"1\","
               + "\"x\":\""
        + encoded(point.getAffineX().toByteArray())
        + "\",\"y\":\""
        + encoded(point.getAffineY().toByteArray())
        + "\"}]}";
  }

  private static ECPublicKey publicKey() throws Exception {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return (ECPublicKey) generator.generateKeyPair().getPublic();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has P-256", impossible);
    }
  }

  private static String encoded(byte[] number) {
    var bytes = new byte[32];
    int length = Math.min(32, number.length);
    System.arraycopy(number, number.length - length, bytes, 32 - length, length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(bytes, 32));
  }
}
