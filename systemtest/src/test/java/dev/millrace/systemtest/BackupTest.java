package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What operators do with a data directory: back it up under load, restore it, go on with it, and
/// what they are kept from doing.
@Order(1) // among the longest
class BackupTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SEED = 43;
  private static final int EVENTS = 30_000;
  private static final double RATE = 5_000;
  private static final String TOKEN = "token-of-the-operators-0123456789";
  private static final String AUTH =
      "auth.tokens=[{name: ops, token_file: ops.token, role: admin}]";

  @TempDir private Path folder;
  private Path config;

  @BeforeEach
  void write() {
    Graphs.write(folder.resolve("ops.token"), TOKEN + "\n");
    config = Graphs.storing(folder, SEED, EVENTS, RATE, "drain_timeout: 10s", "");
  }

  @Test
  void aBackupUnderLoadIsRestoredAndGoesOnWhereItWasTaken() throws IOException {
    try (var process = run("data")) {
      var address = process.awaitReady();
      Await.until(
          PATIENCE, () -> stored("data").count() > 1_000, () -> "no load\n" + process.err());
      assertExit(0, "files", backup(address, "monday.zip"));
      long then = stored("data").count();
      Await.until( // unless everything has been stored by now
          PATIENCE,
          () -> then == EVENTS || stored("data").count() > then,
          () -> "storing stopped" + process.err());
      assertExit(1, "exists", backup(address, "monday.zip"));
      process.kill();
    }

    assertExit(0, "millrace run", command("restore", "monday.zip", "--data-dir", "restored"));
    var restored = stored("restored").messages();
    var expected = Recordings.simulated(SEED, EVENTS, Graphs.START_TIME_US, RATE);
    assertThat(restored.size()).isBetween(1_000, EVENTS - 1);
    assertThat(restored).isEqualTo(expected.subList(0, restored.size()));

    assertExit(75, "fix ", command("restore", "monday.zip", "--data-dir", "restored"));
    assertThat(stored("restored").messages()).isEqualTo(restored);

    try (var process = run("restored", "--once")) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    assertThat(stored("restored").messages()).isEqualTo(expected);

    var whole = Files.readAllBytes(folder.resolve("monday.zip"));
    Files.write(folder.resolve("damaged.zip"), Arrays.copyOf(whole, whole.length * 2 / 3));
    assertExit(1, "fix ", command("restore", "damaged.zip", "--data-dir", "nowhere"));
    assertThat(folder.resolve("nowhere")).doesNotExist();
  }

  @Test
  void aDataDirectoryIsUsedByOneProcessThatKnowsItsFormat() throws IOException {
    try (var owner = run("data")) {
      var address = owner.awaitReady();
      try (var second = run("data")) {
        assertThat(second.awaitExit(PATIENCE)).isEqualTo(75);
        assertThat(second.err())
            .contains("in use by another Millrace process (pid " + owner.pid() + ",", "fix ");
      }
      assertThat(Http.getAs(TOKEN, address, "/health").status()).isEqualTo(200);
      owner.terminate();
      assertThat(owner.awaitExit(PATIENCE)).as(owner.err()).isZero();
    }
    var format = folder.resolve("data").resolve("FORMAT");
    assertThat(Files.readString(format).strip()).isEqualTo("1");
    long before = stored("data").count();
    Files.writeString(format, "999\n");
    try (var process = run("data")) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(75);
      assertThat(process.err())
          .contains("it is in format 999 and this version knows formats up to 1", "fix Run that");
    }
    assertThat(Files.readString(format)).isEqualTo("999\n");
    assertThat(stored("data").count()).isEqualTo(before);
  }

  @Test
  void healthSaysByItsExitCodeHowAServerIs() throws IOException {
    try (var process = run("data")) {
      var address = process.awaitReady().toString();
      assertExit(
          0, "pipeline/store  healthy", command("health", address, "--token-file", "ops.token"));
      assertExit(1, "refuses", command("health", address));
      // Nobody is there to connect to, so its pipeline is in trouble.
      var free = "ws://127.0.0.1:" + freePort();
      Graphs.write(
          config,
          """
          pipelines:
            - name: upstream
              graph:
                nodes:
                  - { id: firehose, type: Jetstream, config: { hosts: ["HOST"] } }
                  - { id: out, type: Publish, config: { topic: events, type: event } }
                connections:
                  - { from: firehose, to: out }
          """
              .replace("HOST", free));
      Await.until(
          PATIENCE,
          () -> Http.getAs(TOKEN, URI.create(address), "/health").status() == 503,
          () -> "never unhealthy\n" + process.err());
      assertExit(
          1,
          "pipeline/upstream  unhealthy",
          command("health", address, "--token-file", "ops.token"));
    }
    assertExit(69, "cannot be reached", command("health", "http://127.0.0.1:" + freePort()));
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private MillraceProcess run(String dataDir, String... more) {
    var args = new ArrayList<String>();
    args.addAll(List.of("run", config.toString(), "--set", AUTH));
    args.addAll(List.of("--set", "server.data_dir=" + dataDir));
    args.addAll(List.of("--set", "server.port=0"));
    args.addAll(Arrays.asList(more));
    return MillraceProcess.start(folder, args.toArray(String[]::new));
  }

  private MillraceProcess backup(URI address, String out) {
    return command("backup", address.toString(), "--out", out, "--token-file", "ops.token");
  }

  private MillraceProcess command(String... args) {
    return MillraceProcess.start(folder, args);
  }

  private static void assertExit(int code, String said, MillraceProcess process) {
    try (process) {
      assertThat(process.awaitExit(PATIENCE)).as(process.out() + process.err()).isEqualTo(code);
      assertThat(process.out() + process.err()).contains(said).doesNotContain("\tat ", TOKEN);
    }
  }

  private Database stored(String dataDir) {
    return new Database(folder.resolve(dataDir).resolve("records.db"));
  }
}
