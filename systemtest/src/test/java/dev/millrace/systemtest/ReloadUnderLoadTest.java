package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Edits of the configuration while events flow: none is lost, none waits, and the active
/// configuration is always one that was valid.
@Isolated("it measures delays")
class ReloadUnderLoadTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SEED = 77;
  private static final int STRETCH = 100; // edits, with a quiet time half as long behind them
  private static final double RATE = 10_000;
  private static final double LIMIT_MILLIS = 100;

  private static final String LOAD =
      """
        - name: load
          graph:
            nodes:
              - id: firehose
                type: SimulatedFirehose
                config: { seed: SEED, rate: RATE, start_time_us: START }
              - { id: store, type: SqliteSink }
              - { id: posts, type: JetstreamPosts }
              - { id: out, type: Publish, config: { topic: posts, type: post } }
            connections:
              - { from: firehose, to: store }
              - { from: firehose, to: posts }
              - { from: posts, to: out }
      """
          .replace("SEED", String.valueOf(SEED))
          .replace("RATE", String.valueOf(RATE))
          .replace("START", String.valueOf(Graphs.START_TIME_US));

  private final RandomConfigs configs = new RandomConfigs(new Random(SEED), LOAD);
  private RandomConfigs.Edit active = configs.first();
  private long generation = 1;

  @TempDir private Path folder;

  @Test
  void editsLoseNoEventAndDelayNone() throws IOException {
    edit(3);
  }

  @Test
  @Tag("slow")
  void aThousandEditsLoseNoEventAndDelayNone() throws IOException {
    edit(10);
  }

  private void edit(int stretches) throws IOException {
    var file = Graphs.write(folder.resolve("millrace.yaml"), active.text());
    var quiet = new ArrayList<DelayProbe.Result>();
    var edited = new ArrayList<DelayProbe.Result>();
    try (var process = MillraceProcess.start(folder, "run", file.toString(), "--json")) {
      var address = process.awaitServing(RandomConfigs.ADMIN);
      try (var probe = DelayProbe.start(address)) {
        warmUp(probe);
        for (int stretch = 0; stretch < stretches; stretch++) {
          int from = probe.events();
          long began = System.nanoTime();
          for (int i = 0; i < STRETCH; i++) {
            edit(file, address, process);
          }
          long took = System.nanoTime() - began;
          edited.add(probe.since(from));
          int quietFrom = probe.events();
          Await.until(
              PATIENCE,
              () -> System.nanoTime() - began > took + took / 2,
              () -> "time does not pass");
          quiet.add(probe.since(quietFrom));
        }
      }
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      assertEveryEventIsStored(process);
    }
    report(quiet, edited);
    double quietMax = quiet.stream().mapToDouble(DelayProbe.Result::max).max().orElseThrow();
    assertThat(edited)
        .allSatisfy(
            stretch -> {
              assertThat(stretch.lost()).isZero();
              assertThat(stretch.p999()).isLessThanOrEqualTo(LIMIT_MILLIS);
              assertThat(stretch.max()).isLessThanOrEqualTo(quietMax + LIMIT_MILLIS);
            });
    assertThat(quiet).allSatisfy(stretch -> assertThat(stretch.lost()).isZero());
  }

  private static void warmUp(DelayProbe probe) {
    Await.until(PATIENCE, () -> probe.events() > 3_000, () -> "the probe does not send");
  }

  /// One edit, as an editor writes it, and what the server made of it.
  private void edit(Path file, URI address, MillraceProcess process) throws IOException {
    var edit = configs.next();
    var temporary = file.resolveSibling("millrace.yaml.new");
    Files.writeString(temporary, edit.text());
    Files.move(
        temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    var answer = Http.postAs(RandomConfigs.ADMIN, address, "/api/v1/admin/reload", "");
    assertThat(answer.status())
        .as("seed %s, after\n%s\n%s\n%s", SEED, edit.text(), answer.body(), process.err())
        .isEqualTo(edit.valid() ? 200 : 422);
    if (edit.valid()) {
      active = edit;
    }
    var config = Http.getAs(RandomConfigs.ADMIN, address, "/api/v1/config").json();
    long now = config.path("generation").asLong();
    assertThat(now).as("generations only grow").isGreaterThanOrEqualTo(generation);
    generation = now;
    assertThat(config.path("config").path("logging").path("level").asString())
        .isEqualTo(active.level());
    assertThat(config.path("config").path("server").path("max_requests").asInt())
        .isEqualTo(active.requests());
    assertThat(names(address)).isEqualTo(active.side() ? List.of("load", "side") : List.of("load"));
  }

  private static List<String> names(URI address) {
    return Http.getAs(RandomConfigs.ADMIN, address, "/api/v1/pipelines")
        .json()
        .path("pipelines")
        .valueStream()
        .map(pipeline -> pipeline.path("name").asString())
        .toList();
  }

  private void assertEveryEventIsStored(MillraceProcess process) {
    var load =
        Json.tree(process.out().getBytes(StandardCharsets.UTF_8)).path("pipelines").path("load");
    var database = new Database(folder.resolve("data").resolve("records.db"));
    assertThat(load.path("state").asString()).isEqualTo("Completed");
    assertThat(database.count()).isEqualTo(load.path("events_read").asLong()).isPositive();
    var firehose = Recordings.firehose(SEED, Graphs.START_TIME_US, RATE);
    database.forEachMessage(
        (n, message) -> {
          if (!Arrays.equals(message, firehose.event(n))) {
            throw new AssertionError("the stored event number " + n + " is another");
          }
        });
  }

  @SuppressWarnings("SystemOut") // the figures are part of what this test is for
  private static void report(List<DelayProbe.Result> quiet, List<DelayProbe.Result> edited) {
    System.out.printf("delays in ms; edited: %s%nquiet:  %s%n", edited, quiet);
  }
}
