package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How a process ends when it is told to.
class StoppingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int SERVICE_RESTART = 1_012; // registered with IANA for RFC 6455
  private static final long SEED = 21;
  private static final int EVENTS = 3_000;
  private static final double RATE = 3_000; // so that something is stored before the limit shows
  private static final String FULL_SOON = "max_size: 512KiB";

  @TempDir private Path folder;

  @Test
  void termUnderLoadStoresWhateverWasReadAndEndsWithZero() {
    var config = Graphs.storing(folder, SEED, 0, 0, "drain_timeout: 30s", "");
    try (var process = MillraceProcess.start(folder, "run", config.toString(), "--json")) {
      Await.until(PATIENCE, () -> database().count() > 5_000, () -> "no load\n" + process.err());
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      var pipeline =
          Json.tree(process.out().getBytes(StandardCharsets.UTF_8)).path("pipelines").path("store");
      assertThat(pipeline.path("state").asString()).isEqualTo("Completed");
      assertThat(database().count()).isEqualTo(pipeline.path("events_read").asLong());
    }
    var stored = database().messages();
    assertThat(stored).isEqualTo(Recordings.simulated(SEED, stored.size(), Graphs.START_TIME_US));
  }

  @Test
  void subscribersGetEverythingThatWasAcceptedAndAreToldToComeBackLater() {
    int messages = 500;
    var clients = new ArrayList<WebSocketClient>();
    try (var process = MillraceProcess.start(folder, "run", "--set", "server.port=0")) {
      var address = process.awaitReady();
      for (int i = 0; i < 20; i++) {
        var client = WebSocketClient.connect(address, "/wse?topics=last&compression=false");
        client.await("the subscription", received -> received.size() >= 2);
        clients.add(client);
      }
      for (int n = 0; n < messages; n++) {
        var body = "{\"type\":\"number\",\"payload\":{\"n\":" + n + "}}";
        assertThat(Http.post(address, "/api/v1/topics/last", body).status()).isEqualTo(202);
      }
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      for (var client : clients) {
        assertThat(client.awaitClosed()).isEqualTo(SERVICE_RESTART);
        assertThat(client.received("number")).hasSize(messages);
      }
    } finally {
      clients.forEach(WebSocketClient::close);
    }
  }

  @Test
  void aDrainThatTakesTooLongSaysHowMuchIsLeftAndTheNextRunGoesOn() {
    var config = Graphs.storing(folder, SEED, EVENTS, RATE, "drain_timeout: 1s", FULL_SOON);
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      awaitFull(process);
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isEqualTo(70);
      var left = Pattern.compile("(\\d+) frames were left at [^.]*store").matcher(process.err());
      assertThat(left.find()).as(process.err()).isTrue();
      assertThat(Long.parseLong(left.group(1))).isPositive();
    }
    finishTheRest();
  }

  @Test
  void aSecondSignalEndsADrainThatCannotEnd() {
    var config = Graphs.storing(folder, SEED, EVENTS, RATE, "drain_timeout: 10m", FULL_SOON);
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      awaitFull(process);
      process.terminate();
      Await.until(
          PATIENCE,
          () -> process.err().contains("Draining"),
          () -> "the drain never began\n" + process.err());
      assertThat(process.isAlive()).isTrue();
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isEqualTo(130);
    }
    finishTheRest();
  }

  private void awaitFull(MillraceProcess process) {
    var address = process.awaitReady();
    Await.until(
        PATIENCE,
        () -> Http.get(address, "/health").status() == 503,
        () -> "the limit never showed\n" + process.err());
    assertThat(database().count()).isLessThan(EVENTS);
  }

  private void finishTheRest() {
    long before = database().count();
    var config = Graphs.storing(folder, SEED, EVENTS, RATE, "drain_timeout: 10s", "");
    try (var process = MillraceProcess.start(folder, "run", config.toString(), "--once")) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
    assertThat(before).isPositive();
    assertThat(database().messages())
        .isEqualTo(Recordings.simulated(SEED, EVENTS, Graphs.START_TIME_US, RATE));
  }

  private Database database() {
    return new Database(folder.resolve("data").resolve("records.db"));
  }
}
