package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Whatever is wrong with logs, operators or the disk: events go on as if nothing were.
@Isolated("it measures delays")
class ControlNeverDelaysDataTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Duration QUIET = Duration.ofSeconds(1);
  private static final double LIMIT_MILLIS = 100;
  private static final int COMMANDS = 300;
  private static final int RELOADS = 150;

  @TempDir private Path folder;

  @Test
  void aLogThatNobodyReadsDelaysNoEventAndNotTheEnd() {
    try (var process =
        MillraceProcess.startWithBlockedLog(folder, "run", "--set", "server.port=0")) {
      var address = process.awaitReady();
      try (var probe = DelayProbe.start(address)) {
        var quiet = stretch(probe);
        int from = probe.events();
        // Far more text than a pipe holds: each of these is in the log.
        for (int i = 0; i < COMMANDS; i++) {
          setLevel(address, i % 2 == 0 ? "trace" : "debug");
        }
        assertUndisturbed(quiet, probe.since(from));
        assertThat(Http.get(address, "/healthz").status()).isEqualTo(200);
      }
      long began = System.nanoTime();
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }
  }

  @Test
  void operatorsThatDoNotReadAreCutAndNobodyElseNotices() {
    var jammed = new ArrayList<JammedClient>();
    var file =
        Graphs.write(
            folder.resolve("millrace.yaml"),
            "server: { port: 0, noc_queue_messages: 64 }\ntelemetry: { ui_interval_ms: 250 }\n");
    try (var process = MillraceProcess.start(folder, "run", file.toString())) {
      var address = process.awaitReady();
      try (var probe = DelayProbe.start(address);
          var reader = WebSocketClient.connect(address, "/ws/noc")) {
        var quiet = stretch(probe);
        int from = probe.events();
        for (int i = 0; i < 5; i++) {
          jammed.add(JammedClient.connect(address, "/ws/noc", ""));
        }
        // What is wrong with this goes to every console each time: more than sockets can hold.
        Graphs.write(file, "pipelines:\n" + "  - { name: \"x y\", graph: 1 }\n".repeat(400));
        for (int i = 0; i < RELOADS; i++) {
          assertThat(Http.postJson(address, "/api/v1/admin/reload", "").status()).isEqualTo(422);
        }
        assertUndisturbed(quiet, probe.since(from));
        reader.await(
            "the news that they were cut",
            received ->
                received.stream()
                    .anyMatch(
                        message ->
                            message.json().path("type").asString("").equals("Killed")
                                && message
                                    .json()
                                    .path("payload")
                                    .path("kind")
                                    .asString("")
                                    .equals("noc")));
      } finally {
        jammed.forEach(JammedClient::close);
      }
    }
  }

  @Test
  void aFullDiskUnderLogsAndAuditDelaysNoEvent() throws IOException, InterruptedException {
    var data = Files.createDirectory(folder.resolve("data"));
    Assumptions.assumeTrue(
        command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", data.toString()),
        "a tmpfs can be mounted only as root");
    try (var process =
        MillraceProcess.start(
            folder, "run", "--set", "server.port=0", "--set", "logging.output=file")) {
      var address = process.awaitReady();
      try (var probe = DelayProbe.start(address)) {
        var quiet = stretch(probe);
        fill(data.resolve("filler"));
        int from = probe.events();
        for (int i = 0; i < COMMANDS; i++) {
          setLevel(address, i % 2 == 0 ? "debug" : "info");
        }
        assertUndisturbed(quiet, probe.since(from));
        assertThat(Http.get(address, "/health").status()).isEqualTo(503);
        assertThat(process.isAlive()).isTrue();
      }
      process.kill();
    } finally {
      command("umount", "-l", data.toString());
    }
  }

  private static void setLevel(URI address, String level) {
    var answer = Http.postJson(address, "/api/v1/admin/log_level", "{\"level\":\"" + level + "\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static DelayProbe.Result stretch(DelayProbe probe) {
    int from = probe.events();
    long began = System.nanoTime();
    Await.until(
        PATIENCE, () -> System.nanoTime() - began > QUIET.toNanos(), () -> "time does not pass");
    return probe.since(from);
  }

  private static void assertUndisturbed(DelayProbe.Result quiet, DelayProbe.Result disturbed) {
    assertThat(disturbed.events()).isPositive();
    assertThat(disturbed.lost()).isZero();
    assertThat(disturbed.p999()).as("%s beside %s", disturbed, quiet).isLessThan(LIMIT_MILLIS);
    assertThat(disturbed.max())
        .as("%s beside %s", disturbed, quiet)
        .isLessThan(quiet.max() + LIMIT_MILLIS);
  }

  private static void fill(Path file) {
    try (var out = Files.newOutputStream(file)) {
      var block = new byte[4_096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space");
    }
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
