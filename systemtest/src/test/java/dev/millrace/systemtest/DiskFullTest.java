package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A full disk stops storing, not the process, and loses nothing.
class DiskFullTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final long SEED = 31;
  private static final int EVENTS = 6_000;

  @TempDir private Path folder;

  @Test
  void storingGoesOnOnceTheDiskHasSpaceAgain() throws IOException, InterruptedException {
    var data = Files.createDirectory(folder.resolve("data"));
    Assumptions.assumeTrue(
        command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", data.toString()),
        "a tmpfs can be mounted only as root");
    try {
      var config = Graphs.storing(folder, SEED, EVENTS, 0, "drain_timeout: 10s", "");
      try (var process = MillraceProcess.start(folder, "run", config.toString())) {
        var address = process.awaitReady();
        awaitTrouble(process, address, "disk");
        assertThat(command("mount", "-o", "remount,size=64m", data.toString())).isTrue();
        awaitEverythingStored(process, address);
      }
      assertEveryEventOnce(0);
    } finally {
      command("umount", data.toString());
    }
  }

  @Test
  @Tag("slow") // it waits for half a minute, as a user would
  void aRunToAnEndGivesUpWithASentenceAndTheNextOneStoresEveryEvent() {
    var full = Graphs.storing(folder, SEED, EVENTS, 0, "drain_timeout: 1s", "max_size: 1MiB");
    try (var process = MillraceProcess.start(folder, "run", full.toString(), "--once")) {
      assertThat(process.awaitExit(Duration.ofSeconds(60))).isEqualTo(70);
      assertThat(process.err())
          .contains("gave up after 30 s: store: ")
          .contains("frames were left");
    }
    var roomy = Graphs.storing(folder, SEED, EVENTS, 0, "drain_timeout: 10s", "");
    try (var process = MillraceProcess.start(folder, "run", roomy.toString(), "--once")) {
      assertThat(process.awaitExit(Duration.ofSeconds(60))).as(process.err()).isZero();
    }
    assertEveryEventOnce(0);
  }

  @Test
  void storingGoesOnOnceRecordsWereDeletedFromADatabaseAtItsLimit() {
    double rate = 2_000;
    var config = Graphs.storing(folder, SEED, EVENTS, rate, "drain_timeout: 10s", "max_size: 1MiB");
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      Await.until(
          PATIENCE, () -> database().count() > 0, () -> "nothing is stored\n" + process.err());
      // Somebody else's 16 MB, so that the limit is reached whatever has been stored by now.
      database()
          .update(
              "INSERT INTO records (did, message, created_at, hydrated_at)"
                  + " VALUES ('filler', zeroblob(16777216), '', '')");
      awaitTrouble(process, address, "max_size");
      database().update("DELETE FROM records WHERE did = 'filler'");
      awaitEverythingStored(process, address);
    }
    assertEveryEventOnce(rate);
  }

  private static void awaitTrouble(MillraceProcess process, URI address, String word) {
    Await.until(
        PATIENCE,
        () -> Http.get(address, "/health").status() == 503,
        () -> "the full disk never showed\n" + process.err());
    var component =
        Http.get(address, "/health").json().path("data").path("components").path("pipeline/store");
    assertThat(component.path("trouble").asString()).contains("store: ", word, "free space");
    assertThat(Http.get(address, "/ready").status()).isEqualTo(503);
    assertThat(Http.get(address, "/healthz").status()).isEqualTo(200);
    assertThat(Http.post(address, "/api/v1/topics/x", "{\"type\":\"x\",\"payload\":1}").status())
        .as("what needs no disk goes on")
        .isEqualTo(202);
    assertThat(process.isAlive()).isTrue();
  }

  private void awaitEverythingStored(MillraceProcess process, URI address) {
    Await.until(
        PATIENCE,
        () -> database().count() >= EVENTS,
        () -> database().count() + " events are stored, and no more\n" + process.err());
    assertThat(Http.get(address, "/health").status()).isEqualTo(200);
    process.terminate();
    assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
  }

  private void assertEveryEventOnce(double rate) {
    assertThat(database().messages())
        .isEqualTo(Recordings.simulated(SEED, EVENTS, Graphs.START_TIME_US, rate));
  }

  private Database database() {
    return new Database(folder.resolve("data").resolve("records.db"));
  }

  /// Whether a command of the system succeeded.
  private static boolean command(String... command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
