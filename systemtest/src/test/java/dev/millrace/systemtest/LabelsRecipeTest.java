package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The main job, from a recording to rows and labels.
class LabelsRecipeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void everyEventIsStoredByteForByteAndEveryPostGetsOneLabel() {
    var lines = Recordings.simulated(7, 2_000, 1_750_000_000_000_000L);
    replayTwice(lines, Recordings.write(folder.resolve("events.jsonl"), lines));
  }

  @Test
  void aRealRecordingIsStoredByteForByte() throws IOException {
    var data = System.getenv("MILLRACE_TEST_DATA");
    Assumptions.assumeTrue(data != null, "MILLRACE_TEST_DATA names no folder with recordings");
    var file = Path.of(String.valueOf(data), "jetstream", "expected_v1.jsonl");
    var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    assertThat(lines).hasSize(152);
    assertThat(Recordings.labelled(lines)).isEqualTo(16);
    replayTwice(lines, file);
  }

  private void replayTwice(List<String> lines, Path recording) {
    var first = replay(recording);
    var pipeline = first.path("pipelines").path("labels");
    assertThat(pipeline.path("state").asString()).isEqualTo("Completed");
    assertThat(pipeline.path("events_read").asLong()).isEqualTo(lines.size());
    assertThat(pipeline.path("nodes").path("store").path("frames_in").asLong())
        .isEqualTo(lines.size());
    assertThat(first.path("topics").path("labels").path("messages").asLong())
        .isEqualTo(Recordings.labelled(lines));
    var database = new Database(folder.resolve("data").resolve("records.db"));
    assertThat(database.messages()).isEqualTo(lines);

    replay(recording);
    assertThat(database.messages()).as("after a second replay").isEqualTo(lines);
  }

  private JsonNode replay(Path recording) {
    try (var process =
        MillraceProcess.start(
            folder,
            "run",
            "recipes/labels",
            "--replay",
            recording.toString(),
            "--once",
            "--json",
            "--set",
            "server.port=0")) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      return Json.tree(process.out().getBytes(StandardCharsets.UTF_8));
    }
  }
}
