package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Input that is wrong: what a process says to it, how it ends, and that nothing stored suffers.
class BadInputTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int STORED = 200;

  @TempDir private static Path shared;

  @TempDir private Path folder;

  @BeforeAll
  static void storeSomething() {
    var config = Graphs.storing(shared, 5, STORED, 0, "data_dir: data", "");
    try (var process = MillraceProcess.start(shared, "run", config.toString(), "--once")) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
  }

  @AfterEach
  void nothingStoredIsLost() {
    assertThat(new Database(data().resolve("records.db")).messages())
        .isEqualTo(Recordings.simulated(5, STORED, Graphs.START_TIME_US));
  }

  @Test
  void everyProblemOfConfigurationAndGraphIsReportedAtOnceWithItsPosition() {
    var config =
        write(
            """
            server:
              prot: 9000
              drain_timeout: soon
              data_dir: ${NOWHERE_SET}
            pipelines:
              - name: first
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehos }
                    - { id: store, type: SqliteSink, config: { batch_rows: 0 } }
                  connections:
                    - { from: firehose, to: stor }
            """);
    try (var process = start(config)) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(process.err())
          .contains("millrace.yaml:2:3: warning: the key prot is not known")
          .contains("Did you mean port?")
          .contains("millrace.yaml:3:18: error: drain_timeout wants a duration")
          .contains("millrace.yaml:4:13: error: the environment variable NOWHERE_SET is not set")
          .contains("millrace.yaml:9:")
          .contains("Did you mean SimulatedFirehose?")
          .contains("millrace.yaml:10:")
          .contains("batch_rows")
          .contains("millrace.yaml:12:")
          .contains("nothing was started.")
          .doesNotContain("\tat ");
      assertThat(process.out()).doesNotContain("ready");
    }
  }

  @Test
  void strictRefusesWhatIsOtherwiseOnlyWarnedOf() {
    var config = write("server:\n  prot: 9000\n  data_dir: \"" + data() + "\"\n");
    try (var process = start(config, "--strict")) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(process.err()).contains("millrace.yaml:2:3: error: ", "Did you mean port?");
    }
  }

  @Test
  void aPublicAddressIsRefusedWithARemedy() {
    try (var process = start(write("server: { host: 0.0.0.0, data_dir: \"" + data() + "\" }\n"))) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(process.err()).contains("0.0.0.0", "fix ");
    }
  }

  @Test
  void aModelThatWasCutOffIsRefusedInASentence() throws IOException {
    var whole = Files.readAllBytes(MillraceProcess.home().resolve("recipes/labels/model.json"));
    var model = Files.write(folder.resolve("model.json"), Arrays.copyOf(whole, whole.length / 2));
    var config =
        write(
            """
            server: { data_dir: "DATA" }
            pipelines:
              - name: labels
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose }
                    - { id: classify, type: Classify, config: { model: "${CONFIG_DIR}/model.json" } }
                    - { id: out, type: Publish, config: { topic: out } }
                  connections:
                    - { from: firehose, to: classify }
                    - { from: classify, to: out }
            """
                .replace("DATA", data().toString()));
    try (var process = start(config)) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(process.err())
          .contains("the pipeline labels cannot start", model.toString(), "fix ")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aTakenPortAndATakenDataDirectoryAreInUse() throws IOException {
    var config = Graphs.storing(folder, 5, STORED, 0, "data_dir: \"" + data() + "\"", "");
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = String.valueOf(taken.getLocalPort());
      try (var process = start(config, "--set", "server.port=" + port)) {
        assertThat(process.awaitExit(PATIENCE)).isEqualTo(75);
        assertThat(process.err()).contains(port, "fix ");
      }
    }
    try (var owner = start(config)) {
      var address = owner.awaitReady();
      try (var second = start(config)) {
        assertThat(second.awaitExit(PATIENCE)).isEqualTo(75);
        assertThat(second.err()).contains(data().toString(), "in use by another", "fix ");
      }
      assertThat(Http.get(address, "/health").status()).isEqualTo(200);
    }
  }

  @Test
  void aMissingRecordingIsAUsageError() {
    try (var process = start(Path.of("recipes/labels"), "--replay", "nowhere.jsonl")) {
      assertThat(process.awaitExit(PATIENCE)).isEqualTo(2);
      assertThat(process.err()).contains("nowhere.jsonl", "fix ");
    }
  }

  @Test
  void brokenLinesOfARecordingAreCountedAndTheirNeighboursStored() {
    var sound = Recordings.simulated(9, 300, Graphs.START_TIME_US);
    var lines = new ArrayList<>(sound);
    lines.add(100, "{\"did\":\"did:plc:x\",\"time_us\":");
    lines.add(200, "not json at all");
    var file = Recordings.write(folder.resolve("events.jsonl"), lines);
    try (var process = replay(file)) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      assertThat(rejected(process)).isEqualTo(2);
      assertThat(process.err()).contains("events.jsonl:101: ");
    }
    assertThat(new Database(folder.resolve("data").resolve("records.db")).messages())
        .isEqualTo(sound);
  }

  @Test
  void aRecordingThatWasCutOffIsStoredAsFarAsItCanBeRead() throws IOException {
    var lines = Recordings.simulated(9, 4_000, Graphs.START_TIME_US);
    var compressed =
        Zstd.compress((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    var file =
        Files.write(
            folder.resolve("events.jsonl.zst"), Arrays.copyOf(compressed, compressed.length / 2));
    try (var process = replay(file)) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      assertThat(rejected(process)).isPositive();
      assertThat(process.err()).contains("events.jsonl.zst", "cannot be read beyond line");
    }
    var stored = new Database(folder.resolve("data").resolve("records.db")).messages();
    assertThat(stored).hasSizeBetween(1_000, 3_000).isEqualTo(lines.subList(0, stored.size()));
  }

  private static long rejected(MillraceProcess process) {
    return Json.tree(process.out().getBytes(StandardCharsets.UTF_8))
        .path("pipelines")
        .path("labels")
        .path("nodes")
        .path("firehose")
        .path("rejected")
        .asLong();
  }

  /// The recipe on a recording, with a data directory of this test's own.
  private MillraceProcess replay(Path recording) {
    return MillraceProcess.start(
        folder,
        "run",
        "recipes/labels",
        "--replay",
        recording.toString(),
        "--once",
        "--json",
        "--set",
        "server.port=0");
  }

  /// `run CONFIG`, on any port unless `more` says which.
  private MillraceProcess start(Path config, String... more) {
    var args = new ArrayList<>(List.of("run", config.toString()));
    if (!Arrays.asList(more).contains("--set")) {
      args.addAll(List.of("--set", "server.port=0"));
    }
    args.addAll(List.of(more));
    return MillraceProcess.start(folder, args.toArray(String[]::new));
  }

  private static Path data() {
    return shared.resolve("data");
  }

  private Path write(String text) {
    return Graphs.write(folder.resolve("millrace.yaml"), text);
  }
}
