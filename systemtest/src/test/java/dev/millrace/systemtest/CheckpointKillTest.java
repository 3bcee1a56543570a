package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Killed at any moment, a graph with checkpoints goes on bit for bit: phase of the tone, memory of
/// the filter, and the file it writes.
class CheckpointKillTest {
  private static final int FRAMES_PER_KILL = 400; // a millisecond each, so that some are left
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void theFileIsByteForByteWhatNothingHadInterrupted() throws IOException {
    assertUninterrupted(4);
  }

  @Test
  @Tag("slow")
  void itIsSoHoweverOftenTheProcessIsKilled() throws IOException {
    assertUninterrupted(25);
  }

  private void assertUninterrupted(int kills) throws IOException {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var lines = new StringBuilder();
    for (int i = 0; i < kills * FRAMES_PER_KILL; i++) {
      lines.append(
          "{\"timestamp\":%d,\"sequence_id\":%d,\"payload\":{},\"metadata\":{}}%n"
              .formatted(1_000L * i, i));
    }
    Files.writeString(folder.resolve("triggers.jsonl"), lines);
    Graphs.write(folder.resolve("whole.yaml"), graph("whole", 0));
    Graphs.write(folder.resolve("killed.yaml"), graph("killed", 1));
    runToItsEnd("whole");

    for (int kill = 0; kill < kills; kill++) {
      try (var process = start("killed")) {
        if (kill % 4 != 3) { // the others die as they start, or soon after
          var before = newest();
          Await.until(
              PATIENCE,
              () -> !newest().equals(before) || !process.isAlive(),
              () -> "seed " + seed + ": no checkpoint\n" + process.err());
          LockSupport.parkNanos(random.nextLong(60_000_000));
        } else {
          LockSupport.parkNanos(random.nextLong(700_000_000));
        }
        assertThat(process.isAlive()).as("seed %d: %s", seed, process.err()).isTrue();
        process.kill();
      }
      assertThat(folder.resolve("killed.csv")).as("seed %d", seed).doesNotExist();
    }
    runToItsEnd("killed");

    assertThat(Files.mismatch(folder.resolve("whole.csv"), folder.resolve("killed.csv")))
        .as("first byte that differs, seed %d", seed)
        .isEqualTo(-1);
    assertThat(folder.resolve("checkpoints").resolve("killed")).doesNotExist();
  }

  private MillraceProcess start(String graph) {
    return MillraceProcess.start(folder, "graph", "run", graph + ".yaml");
  }

  private void runToItsEnd(String graph) {
    try (var process = start(graph)) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
  }

  /// The name of the newest checkpoint of the run that is killed.
  private String newest() {
    var all = folder.resolve("checkpoints").resolve("killed").toFile().list();
    var newest = "";
    for (var name : all == null ? new String[0] : all) {
      newest = name.endsWith(".bin") && name.compareTo(newest) > 0 ? name : newest;
    }
    return newest;
  }

  private static String graph(String name, int delayMillis) {
    return """
    pipeline_config:
      name: NAME
      channel_capacity: 8
      checkpoint: { interval_ms: 4, keep: 2 }
    nodes:
      - { id: triggers, type: FileSource, config: { path: triggers.jsonl } }
      - { id: pace, type: Delay, config: { ms: DELAY } }
      - { id: tone, type: SineGenerator, config: { frequency: 441.3, frame_size: 20 } }
      - { id: filter, type: FilterNode, config: { cutoff_hz: 700 } }
      - { id: gain, type: Gain, config: { gain: 0.7 } }
      - { id: file, type: FileSink, config: { path: NAME.csv, format: csv } }
    connections:
      - { from: triggers, to: pace }
      - { from: pace, to: tone }
      - { from: tone, to: filter }
      - { from: filter, to: gain }
      - { from: gain, to: file }
    """
        .replace("NAME", name)
        .replace("DELAY", String.valueOf(delayMillis));
  }
}
