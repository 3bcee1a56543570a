package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Killed at any moment, a process loses nothing that was read and stores nothing twice.
@Order(1) // it takes the longest
class KillTest {
  private static final int EVENTS = 100_000;
  private static final int KILLS = 20;
  private static final double RATE = 30_000;
  private static final long START_TIME_US = 1_750_000_000_000_000L;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path folder;

  @Test
  void everyEventIsStoredOnceHoweverOftenTheProcessIsKilled() throws IOException {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var config = Files.writeString(folder.resolve("millrace.yaml"), graph(seed));
    var database = new Database(folder.resolve("data").resolve("records.db"));

    long stored = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      try (var process =
          MillraceProcess.start(folder, "run", config.toString(), "--set", "server.port=0")) {
        process.awaitReady();
        // Some die before they store anything, most in the middle of it.
        long more = random.nextInt(EVENTS / KILLS);
        long enough = stored + more;
        Await.until(
            PATIENCE,
            () -> database.count() >= enough || !process.isAlive(),
            () -> "seed " + seed + ": nothing more is stored\n" + process.err());
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
    var expected = Recordings.simulated(seed, EVENTS, START_TIME_US, RATE);
    var actual = database.messages();
    assertThat(actual).as("seed %s", seed).hasSize(EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      assertThat(actual.get(i)).as("event %s of seed %s", i, seed).isEqualTo(expected.get(i));
    }
  }

  private static String graph(long seed) {
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
        .replace("EVENTS", String.valueOf(EVENTS))
        .replace("RATE", String.valueOf(RATE))
        .replace("START", String.valueOf(START_TIME_US));
  }
}
