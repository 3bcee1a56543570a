package dev.millrace.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.millrace.control.data.Backup;
import dev.millrace.control.data.DataDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that talk to a running server, against a small one that says what it is told to.
class RemoteCommandsTest {
  private static final String HEALTHY =
      "{\"status\":\"healthy\",\"data\":{\"healthy\":true,\"components\":{"
          + "\"hub\":{\"healthy\":true,\"clients\":3}}}}";
  private static final String ADMIN = "/api/v1/admin/backup";

  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();

  @TempDir private Path folder;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    System.setOut(realOut);
    System.setErr(realErr);
    server.stop(0);
  }

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
    // Port 0 is nobody's, so nothing leaves this machine.
    assertThat(millrace("health", "http://[::2]:0", "--token-file", token("geheim"))).isEqualTo(69);
    assertThat(err()).contains("warning: the token goes to [::2] unencrypted");
  }

  @Test
  void aBackupIsAwaitedReceivedCheckedAndOnlyItsOwnerMayReadIt() throws Exception {
    var archive = anArchive(); // once: its entries have times
    serveBackup(archive, 2);
    var file = folder.resolve("monday.zip");
    int code = millrace("backup", url(), "--out", file.toString(), "--token-file", token("geheim"));
    assertThat(code).as(err()).isZero();
    assertThat(file).hasBinaryContent(archive);
    assertThat(folder.resolve("monday.zip.part")).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(out())
        .contains("monday.zip: 2 files, 1 KiB unpacked, of 2025-06-21T12:00:00Z")
        .contains("left out x.tmp: temporary");
    assertThat(authorizations).hasSize(4).containsOnly("Bearer geheim");

    var restored = folder.resolve("restored");
    out.reset();
    assertThat(millrace("restore", file.toString(), "--data-dir", restored.toString())).isZero();
    assertThat(restored.resolve("market.json")).hasContent("{}");
    assertThat(out())
        .contains("2 files as of 2025-06-21T12:00:00Z, written by Millrace 1.0")
        .contains("not in the backup: x.tmp", "millrace run --set server.data_dir=");
  }

  @Test
  void aFileIsReplacedOnlyWhenThatIsSaid() throws Exception {
    var archive = anArchive(); // once: its entries have times
    serveBackup(archive, 0);
    var file = Files.writeString(folder.resolve("b.zip"), "precious");
    assertThat(millrace("backup", url(), "--out", file.toString())).isEqualTo(1);
    assertThat(err()).contains("b.zip exists", "--force");
    assertThat(file).hasContent("precious");
    assertThat(asked).as("nothing was asked of the server").hasValue(0);
    assertThat(millrace("backup", url(), "--out", file.toString(), "--force")).as(err()).isZero();
    assertThat(file).hasBinaryContent(archive);
  }

  @Test
  void aBackupThatArrivesAlteredOrInPartIsNotKept() throws Exception {
    var archive = anArchive();
    var altered = archive.clone();
    int at = new String(archive, StandardCharsets.ISO_8859_1).indexOf("data/market.json") + 18;
    altered[at] ^= 4;
    var file = folder.resolve("b.zip");
    for (var bad : List.of(altered, Arrays.copyOf(archive, archive.length / 2), new byte[0])) {
      serveBackup(bad, 0);
      assertThat(millrace("backup", url(), "--out", file.toString())).isEqualTo(1);
      server.removeContext(ADMIN);
    }
    assertThat(err()).contains("market.json", "it is not a whole ZIP file", "fetch this one again");
    server.createContext(
        ADMIN,
        exchange -> {
          if (exchange.getRequestMethod().equals("POST")) {
            send(exchange, 200, "{\"ok\":true,\"applied\":true,\"state\":{\"id\":\"b1\"}}");
          } else { // promises more than it sends
            exchange.getResponseHeaders().add("Content-Type", "application/zip");
            exchange.sendResponseHeaders(200, 1_000_000);
            exchange.getResponseBody().write(archive);
            exchange.getResponseBody().flush();
            exchange.close();
          }
        });
    err.reset();
    assertThat(millrace("backup", url(), "--out", file.toString())).isEqualTo(1);
    assertThat(err()).contains("the backup could not be received");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatTheServerSaysAgainstABackupIsPassedOn() {
    answer(ADMIN, 409, "{\"error\":{\"message\":\"another one\"},\"request_id\":\"r-1\"}");
    var file = folder.resolve("b.zip").toString();
    assertThat(millrace("backup", url(), "--out", file)).isEqualTo(1);
    assertThat(err()).contains("answers 409: another one", "the server's log for request r-1");
    server.removeContext(ADMIN);
    server.createContext(
        ADMIN,
        exchange -> {
          boolean post = exchange.getRequestMethod().equals("POST");
          send(
              exchange,
              post ? 202 : 507,
              post
                  ? "{\"ok\":true,\"state\":{\"id\":\"b1\"}}"
                  : "{\"error\":{\"message\":\"a backup needs 9 MiB\"}}");
        });
    assertThat(millrace("backup", url(), "--out", file)).isEqualTo(1);
    assertThat(err()).contains("answers 507: a backup needs 9 MiB");
    server.removeContext(ADMIN);
    answer(ADMIN, 200, "{\"state\":{\"id\":\"../../health\"}}");
    assertThat(millrace("backup", url(), "--out", file)).isEqualTo(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aDownloadFromWhichNothingComesIsGivenUp() throws Exception {
    var closed = new CountDownLatch(1);
    var silent =
        new InputStream() {
          @Override
          public int read() throws IOException {
            return read(new byte[1], 0, 1);
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            try {
              closed.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
            throw new IOException("closed");
          }

          @Override
          public void close() {
            closed.countDown();
          }
        };
    var download = new Download(Duration.ofMillis(50));
    var file = folder.resolve("b.part");
    assertThatThrownBy(() -> download.receive(silent, file, bytes -> {}))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aRestoreNeverGoesOverData() throws Exception {
    var archive = Files.write(folder.resolve("b.zip"), anArchive());
    var data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("records.db"), "precious");
    assertThat(millrace("restore", archive.toString(), "--data-dir", data.toString()))
        .isEqualTo(75);
    assertThat(err()).contains("there is something here already");
    assertThat(data.resolve("records.db")).hasContent("precious");
    err.reset();
    assertThat(millrace("restore", data.resolve("records.db").toString(), "--data-dir", "x"))
        .isEqualTo(1);
    assertThat(err()).contains("it is not a whole ZIP file");
    assertThat(millrace("restore", archive.toString())).isEqualTo(2);
    assertThat(Path.of("x")).doesNotExist();
  }

  @Test
  void aPrivateCertificateIsTrustedWhenItIsNamed() throws Exception {
    var store = folder.resolve("server.p12");
    keytool(
        "-genkeypair",
        "-alias",
        "s",
        "-keyalg",
        "EC",
        "-dname",
        "CN=test",
        "-storepass",
        "changeit",
        "-keystore",
        store.toString(),
        "-ext",
        "SAN=IP:127.0.0.1",
        "-validity",
        "9");
    var pem = folder.resolve("ca.pem");
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "s",
        "-storepass",
        "changeit",
        "-keystore",
        store.toString(),
        "-file",
        pem.toString());
    var keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "changeit".toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    var https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    https.createContext("/health", exchange -> send(exchange, 200, HEALTHY));
    https.start();
    try {
      var url = "https://127.0.0.1:" + https.getAddress().getPort();
      assertThat(millrace("health", url, "--ca", pem.toString())).as(err()).isZero();
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

  private static void keytool(String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  /// One archive for all: FORMAT, market.json, and a file that is left out.
  private static byte[] anArchive() throws Exception {
    var folder = Files.createTempDirectory("archive");
    try {
      DataDirectory.open(folder.resolve("data"), "1.0").close();
      Files.writeString(folder.resolve("data").resolve("market.json"), "{}");
      Files.writeString(folder.resolve("data").resolve("x.tmp"), "");
      var target = folder.resolve("backup.zip");
      var outcome =
          new Backup(folder.resolve("data"), "1.0", () -> false)
              .write(target, Instant.parse("2025-06-21T12:00:00Z"));
      assertThat(outcome).isInstanceOf(Backup.Outcome.Written.class);
      return Files.readAllBytes(target);
    } finally {
      try (var all = Files.walk(folder)) {
        all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  /// A server that writes for as long as it is asked `waits` times.
  private void serveBackup(byte[] archive, int waits) {
    var left = new AtomicInteger(waits);
    server.createContext(
        ADMIN,
        exchange -> {
          count(exchange);
          var path = exchange.getRequestURI().getPath();
          if (exchange.getRequestMethod().equals("POST") && path.equals(ADMIN)) {
            send(exchange, 200, "{\"ok\":true,\"applied\":true,\"state\":{\"id\":\"b-1\"}}");
          } else if (!path.equals(ADMIN + "/b-1")) {
            send(exchange, 404, "{}");
          } else if (left.getAndDecrement() > 0) {
            send(exchange, 202, "{\"ok\":true,\"state\":{\"id\":\"b-1\",\"permille\":500}}");
          } else {
            exchange.getResponseHeaders().add("Content-Type", "application/zip");
            exchange.sendResponseHeaders(200, archive.length == 0 ? -1 : archive.length);
            if (archive.length > 0) {
              exchange.getResponseBody().write(archive);
            }
            exchange.close();
          }
        });
  }

  private void answer(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          count(exchange);
          send(exchange, status, body);
        });
  }

  private void count(HttpExchange exchange) {
    asked.incrementAndGet();
    var authorization = exchange.getRequestHeaders().getFirst("Authorization");
    authorizations.add(authorization == null ? "none" : authorization);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private String token(String content) throws IOException {
    // Not in the folder: tests look whether it is empty.
    var file = Files.createTempFile("token", "");
    file.toFile().deleteOnExit();
    return Files.writeString(file, content).toString();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static int millrace(String... args) {
    return MillraceCommand.execute(args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
