package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Killed at any moment, a process loses nothing that was read and stores nothing twice.
class KillTest {
  private static final double RATE = 30_000;
  private static final long START_TIME_US = 1_750_000_000_000_000L;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path folder;

  @Test
  void everyEventIsStoredOnceHoweverOftenTheProcessIsKilled() throws IOException {
    kill(8, 40_000);
  }

  @Test
  @Tag("slow")
  void everyEventIsStoredOnceWhenItIsKilledFortyTimes() throws IOException {
    kill(40, 200_000);
  }

  private void kill(int kills, int events) throws IOException {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var config = Files.writeString(folder.resolve("millrace.yaml"), graph(seed, events));
    var database = new Database(folder.resolve("data").resolve("records.db"));

    long stored = 0;
    for (int kill = 0; kill < kills; kill++) {
      try (var process =
          MillraceProcess.start(folder, "run", config.toString(), "--set", "server.port=0")) {
        process.awaitReady();
        // Some die before they store anything, most in the middle of it.
        long more = random.nextInt(events / kills);
        long enough = Math.min(stored + more, events); // a slow kill lets more be stored
        Await.until(
            PATIENCE,
            () -> database.count() >= enough || !process.isAlive(),
            () -> "seed " + seed + ": " + database.count() + " are stored\n" + process.err());
        process.kill();
      }
      long now = database.count();
      assertThat(now)
          .as("stored events never get fewer, seed %s", seed)
          .isGreaterThanOrEqualTo(stored);
      stored = now;
    }

    try (var process =
        MillraceProcess.start(
            folder, "run", config.toString(), "--once", "--set", "server.port=0")) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    var expected = Recordings.simulated(seed, events, START_TIME_US, RATE);
    var actual = database.messages();
    assertThat(actual).as("seed %s", seed).hasSize(events);
    for (int i = 0; i < events; i++) {
      assertThat(actual.get(i)).as("event %s of seed %s", i, seed).isEqualTo(expected.get(i));
    }
  }

  private static String graph(long seed, int events) {
    return """
    pipelines:
      - name: store
        graph:
          nodes:
            - id: firehose
              type: SimulatedFirehose
              config: { seed: SEED, count: EVENTS, rate: RATE, start_time_us: START }
            - id: store
              type: SqliteSink
          connections:
            - { from: firehose, to: store }
    """
        .replace("SEED", String.valueOf(seed))
        .replace("EVENTS", String.valueOf(events))
        .replace("RATE", String.valueOf(RATE))
        .replace("START", String.valueOf(START_TIME_US));
  }
}
