package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The configuration of a running process follows its file, however it is written, and all of it or
/// nothing.
class LiveConfigTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Tries before the watch, which also reads the file, has lost a race.
  private static final int RACES = 20;

  private static final long SEED = 61;
  private static final int EVENTS = 6_000;
  private static final double RATE = 2_000;

  @TempDir private Path folder;

  @Test
  void aChangeIsFoundHoweverTheFileIsWritten() throws IOException {
    var mount = Files.createDirectory(folder.resolve("mount"));
    var first = Files.createDirectory(mount.resolve("..first"));
    var second = Files.createDirectory(mount.resolve("..second"));
    Graphs.write(first.resolve("millrace.yaml"), requests(200));
    Graphs.write(second.resolve("millrace.yaml"), requests(201));
    Files.createSymbolicLink(mount.resolve("..data"), first.getFileName());
    var file = mount.resolve("millrace.yaml");
    Files.createSymbolicLink(file, Path.of("..data", "millrace.yaml"));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      awaitRequests(address, 200, 1);

      // As volumes of containers change.
      Files.createSymbolicLink(mount.resolve("..next"), second.getFileName());
      rename(mount.resolve("..next"), mount.resolve("..data"));
      awaitRequests(address, 201, 2);

      // As most editors do.
      rename(Graphs.write(mount.resolve(".millrace.yaml.swp"), requests(202)), file);
      awaitRequests(address, 202, 3);

      Graphs.write(file, requests(203));
      awaitRequests(address, 203, 4);

      Files.delete(file);
      Graphs.write(file, requests(204));
      awaitRequests(address, 204, 5);

      // Deleted for a while, then there again as it was.
      Files.delete(file);
      awaitError(address, "there is no such file");
      Graphs.write(file, requests(204));
      awaitNoError(address);
      awaitRequests(address, 204, 5);

      // Half-written for a while.
      Graphs.write(file, "server: { port: 0, max_requests: 2");
      awaitError(address, "millrace.yaml");
      Graphs.write(file, requests(205));
      awaitNoError(address);
      awaitRequests(address, 205, 6);
    }
  }

  @Test
  void aHangUpReadsTheFile() {
    var file = write(requests(200));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      int race = 0;
      do {
        assertThat(race++)
            .as("no trace of the hang-up: " + Http.get(address, "/api/v1/audit").body())
            .isLessThan(RACES);
        write(requests(200 + race));
        process.hangUp();
        awaitRequests(address, 200 + race, 1 + race);
      } while (!isTraced(address, "signal"));
    }
  }

  /// Whether something from there had the file read; it is said just after what came of it.
  private static boolean isTraced(URI address, String origin) {
    for (int look = 0; look < 20; look++) {
      var entries = Http.get(address, "/api/v1/audit").json().path("entries");
      if (entries.valueStream().anyMatch(entry -> isReload(entry, origin))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isReload(JsonNode entry, String origin) {
    return entry.path("origin").asString().equals(origin)
        && entry.path("command").asString().equals("reload")
        && entry.path("ok").asBoolean();
  }

  @Test
  void aDryRunSaysWhatWouldChangeAndChangesNothing() {
    var before = requests(200) + "pipelines:\n" + pipeline("stays", 1) + pipeline("goes", 1);
    var after = requests(201) + "pipelines:\n" + pipeline("stays", 2);
    var file = write(before);
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      Http.Answer answer;
      String comes;
      int race = 0;
      boolean undisturbed; // by the watch, which may have taken over the other file for a moment
      do {
        assertThat(race++).as("a dry run changes something").isLessThan(RACES);
        comes = "comes" + race;
        assertThat(reload(address, "").status()).isEqualTo(200);
        var active = config(address);
        write(after + pipeline(comes, 1));
        answer = reload(address, "?dry_run=1");
        write(before);
        assertThat(reload(address, "").status()).isEqualTo(200);
        var now = config(address);
        undisturbed = now.path("generation").equals(active.path("generation"));
        if (undisturbed) {
          assertThat(now).isEqualTo(active);
        }
      } while (!undisturbed);
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.json().path("changed").asBoolean()).isTrue();
      assertThat(answer.json().path("applied").asBoolean()).isFalse();
      assertThat(texts(answer.json().path("added"))).containsExactly("pipelines[" + comes + "]");
      assertThat(texts(answer.json().path("removed"))).containsExactly("pipelines[goes]");
      assertThat(texts(answer.json().path("changed_keys")))
          .contains("server.max_requests", "pipelines[stays].graph");
      assertThat(names(address)).containsExactlyInAnyOrder("stays", "goes");
      assertThat(folder.resolve("data/stays.db")).exists();
      assertThat(folder.resolve("data/" + comes + ".db")).doesNotExist();
    }
  }

  @Test
  void whatWaitsForTheNextStartIsSaidAndStaysAsItIs() {
    var file = write(requests(200));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      write("server: { port: 1, data_dir: elsewhere, max_requests: 201 }\n");
      var answer = reload(address, "").json();
      assertThat(texts(answer.path("restart_required")))
          .containsExactlyInAnyOrder("server.port", "server.data_dir");
      var now = config(address);
      assertThat(texts(now.path("restart_required")))
          .containsExactlyInAnyOrder("server.port", "server.data_dir");
      assertThat(now.path("config").path("server").path("port").asInt()).isZero();
      assertThat(now.path("config").path("server").path("data_dir").asString()).isEqualTo("data");
      awaitRequests(address, 201, 2);
      assertThat(folder.resolve("elsewhere")).doesNotExist();

      write(requests(201));
      assertThat(reload(address, "").status()).isEqualTo(200);
      assertThat(texts(config(address).path("restart_required"))).isEmpty();
    }
  }

  @Test
  void aRefusedFileIsForgottenOnceTheFileIsSoundAgain() {
    var file = write(requests(200));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      write("server: { prot: 1, max_requests: -1 }\nlogging: { level: loud }\n");
      var refused = reload(address, "");
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.json().path("error").path("code").asString()).isEqualTo("CONFIG_INVALID");
      var errors = refused.json().path("error").path("details").path("errors");
      assertThat(errors.size()).as(errors.toString()).isEqualTo(2);
      assertThat(config(address).path("last_error").path("errors").size()).isGreaterThan(1);
      assertThat(Http.get(address, "/health").status()).isEqualTo(200);
      awaitRequests(address, 200, 1);

      write(requests(200));
      var sound = reload(address, "");
      assertThat(sound.json().path("changed").asBoolean(true)).isFalse();
      assertThat(sound.json().path("generation").asInt()).isEqualTo(1);
      assertThat(config(address).path("last_error").isNull()).isTrue();
    }
  }

  @Test
  void pipelinesThatComeChangeAndGoStoreEveryEventOnce() {
    var file = write(pipelines(pipeline("one", 100)));
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      int generation = 1;
      var edits =
          List.of(
              pipelines(pipeline("one", 100) + pipeline("two", 100)),
              pipelines(pipeline("two", 100) + pipeline("one", 7)),
              pipelines(pipeline("one", 7)),
              pipelines(pipeline("one", 5_000) + pipeline("two", 3)),
              pipelines(pipeline("one", 50) + pipeline("two", 50) + pipeline("three", 1)));
      for (var edit : edits) {
        long stored = stored("one").count();
        Await.until(
            PATIENCE,
            () -> stored("one").count() > stored || stored("one").count() == EVENTS,
            () -> "nothing is stored\n" + process.err());
        write(edit);
        var answer = reload(address, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("generation").asInt()).isEqualTo(++generation);
      }
      for (var name : List.of("one", "two", "three")) {
        Await.until(
            PATIENCE,
            () -> stored(name).count() >= EVENTS,
            () -> name + " has " + stored(name).count() + "\n" + process.err());
      }
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    var expected = Recordings.simulated(SEED, EVENTS, Graphs.START_TIME_US, RATE);
    for (var name : List.of("one", "two", "three")) {
      assertThat(stored(name).messages()).as(name).isEqualTo(expected);
    }
  }

  private Database stored(String pipeline) {
    return new Database(folder.resolve("data").resolve(pipeline + ".db"));
  }

  private Path write(String text) {
    return Graphs.write(folder.resolve("millrace.yaml"), text);
  }

  private static String requests(int most) {
    return "server: { port: 0, max_requests: " + most + " }\n";
  }

  private static String pipelines(String list) {
    return "server: { port: 0 }\npipelines:\n" + list;
  }

  /// One that stores the same events whatever `batchRows` is, into a file of its own.
  private static String pipeline(String name, int batchRows) {
    return """
      - name: NAME
        graph:
          nodes:
            - id: firehose
              type: SimulatedFirehose
              config: { seed: SEED, count: EVENTS, rate: RATE, start_time_us: START }
            - { id: store, type: SqliteSink, config: { path: NAME.db, batch_rows: ROWS } }
          connections:
            - { from: firehose, to: store }
    """
        .replace("NAME", name)
        .replace("SEED", String.valueOf(SEED))
        .replace("EVENTS", String.valueOf(EVENTS))
        .replace("RATE", String.valueOf(RATE))
        .replace("START", String.valueOf(Graphs.START_TIME_US))
        .replace("ROWS", String.valueOf(batchRows));
  }

  private static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Http.Answer reload(URI address, String query) {
    return Http.postJson(address, "/api/v1/admin/reload" + query, "");
  }

  private static JsonNode config(URI address) {
    return Http.get(address, "/api/v1/config").json();
  }

  private static List<String> names(URI address) {
    return Http.get(address, "/api/v1/pipelines")
        .json()
        .path("pipelines")
        .valueStream()
        .map(pipeline -> pipeline.path("name").asString())
        .toList();
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  private static void awaitRequests(URI address, int most, int generation) {
    Await.until(
        PATIENCE,
        () -> config(address).at("/config/server/max_requests").asInt() == most,
        () -> most + " is never in force: " + config(address));
    assertThat(config(address).path("generation").asInt()).isEqualTo(generation);
  }

  private static void awaitError(URI address, String what) {
    Await.until(
        PATIENCE,
        () -> config(address).path("last_error").toString().contains(what),
        () -> "nothing is found wrong: " + config(address));
  }

  private static void awaitNoError(URI address) {
    Await.until(
        PATIENCE,
        () -> config(address).path("last_error").isNull(),
        () -> "still wrong: " + config(address));
  }
}
