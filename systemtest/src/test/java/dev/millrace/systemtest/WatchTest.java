package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Looking into a process that runs, from outside: taps over HTTP, and the commands `tap`, `top`,
/// `publish` and `subscribe`.
@Timeout(180)
class WatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String METRIC = "millrace_net_live_answers_open";

  @TempDir private Path folder;

  private Path config(String gain) {
    return Graphs.write(
        folder.resolve("millrace.yaml"),
        """
        server: { port: 0, write_timeout: 2s, max_live_answers: 4 }
        pipelines:
          - name: loud
            graph:
              nodes:
                - { id: clock, type: TriggerSource, config: { interval_ms: 5 } }
                - { id: tone, type: SineGenerator, config: { frame_size: 480 } }
                - { id: gain, type: Gain, config: { gain_db: GAIN } }
                - { id: wave, type: SamplesToJson }
                - { id: out, type: Publish, config: { topic: loud, type: block } }
              connections:
                - { from: clock, to: tone }
                - { from: tone, to: gain }
                - { from: gain, to: wave }
                - { from: wave, to: out }
        """
            .replace("GAIN", gain));
  }

  private MillraceProcess run(String... args) {
    return MillraceProcess.start(folder, args);
  }

  /// A tap over a plain socket, so that a test decides when anything is read.
  private static final class TapSocket implements AutoCloseable {
    final Socket socket;
    final BufferedReader in;

    TapSocket(URI address, String query) throws IOException {
      socket = new Socket(address.getHost(), address.getPort());
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var request =
          "GET /api/v1/pipelines/loud/tap?"
              + query
              + " HTTP/1.0\r\nHost: "
              + address.getAuthority()
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /// The first line of the answer, and of its body what follows the head.
    int status() throws IOException {
      int status = Integer.parseInt(in.readLine().substring(9, 12));
      for (var line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
        assertThat(line).isNotNull();
      }
      return status;
    }

    JsonNode line() throws IOException {
      return Json.tree(in.readLine().getBytes(StandardCharsets.UTF_8));
    }

    /// Until a line has a field of that name.
    JsonNode line(String field) throws IOException {
      var line = line();
      while (!line.has(field)) {
        line = line();
      }
      return line;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static void awaitOpen(URI address, int taps) {
    Await.until(
        PATIENCE,
        () -> Http.get(address, "/metrics").body().contains("\n" + METRIC + " " + taps + ".0\n"),
        () -> "not " + taps + " taps are open");
  }

  private static long made(URI address) {
    return Http.get(address, "/api/v1/pipelines/loud").json().at("/nodes/0/frames_out").asLong();
  }

  @Test
  void aTapFollowsAPipelineAndReadersThatJamOrLeaveHoldNothingUp() throws Exception {
    try (var process = run("run", config("0").toString())) {
      var address = process.awaitReady();
      try (var tap = new TapSocket(address, "edge=gain->*")) {
        assertThat(tap.status()).isEqualTo(200);
        assertThat(tap.line()).hasToString("{\"places\":[\"gain->wave\"]}");
        var first = tap.line("frame");
        assertThat(first.path("place").asString()).isEqualTo("gain->wave");
        assertThat(first.at("/frame/payload/main_channel").size()).isPositive();

        // One leaves; one reads nothing and is cut. Nobody waits for them.
        try (var jammed = new TapSocket(address, "node=*")) {
          try (var leaving = new TapSocket(address, "node=*")) {
            assertThat(leaving.status()).isEqualTo(200);
            awaitOpen(address, 3);
          }
          awaitOpen(address, 2);
          long before = made(address);
          awaitOpen(address, 1);
          assertThat(made(address)).isGreaterThan(before);
          assertThat(jammed.socket.isClosed()).isFalse();
        }
        assertThat(tap.line("frame").path("place").asString()).isEqualTo("gain->wave");

        // A changed configuration: the same tap shows what the new graph makes.
        config("-60");
        process.hangUp();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (peak(tap.line("frame")) > 0.01) {
          assertThat(System.nanoTime()).as("the new gain is not seen").isLessThan(deadline);
        }

        // Another run of the same pipeline begins to count anew.
        assertThat(
                Http.postJson(address, "/api/v1/admin/reboot", "{\"pipeline\":\"loud\"}").status())
            .isEqualTo(200);
        long last = sequence(tap);
        for (long next = sequence(tap); next >= last; next = sequence(tap)) {
          assertThat(System.nanoTime()).as("the new run is not seen").isLessThan(deadline);
          last = next;
        }

        try (var more = new TapSocket(address, "for=1h");
            var third = new TapSocket(address, "for=1h");
            var fourth = new TapSocket(address, "for=1h");
            var fifth = new TapSocket(address, "for=1h")) {
          var statuses = List.of(more.status(), third.status(), fourth.status(), fifth.status());
          assertThat(statuses).containsOnlyOnce(503).contains(200);
        }

        process.terminate();
        assertThat(tap.line("end").path("end").asString()).isIn("pipeline", "closed");
        assertThat(process.awaitExit(PATIENCE)).isZero();
      }
    }
  }

  private static long sequence(TapSocket tap) throws IOException {
    return tap.line("frame").at("/frame/sequence_id").asLong();
  }

  private static double peak(JsonNode line) {
    double peak = 0;
    for (var sample : line.at("/frame/payload/main_channel")) {
      peak = Math.max(peak, Math.abs(sample.asDouble()));
    }
    return peak;
  }

  @Test
  void theCommandsSeeWhatFlows() {
    try (var process = run("run", config("0").toString())) {
      var url = process.awaitReady().toString();
      try (var tap = run("tap", url, "gain", "--limit", "3")) {
        assertThat(tap.awaitExit(PATIENCE)).as(tap.err()).isZero();
        assertThat(tap.out().lines()).hasSizeGreaterThanOrEqualTo(3);
        assertThat(tap.out()).contains("  gain  #", "main_channel[", " rms 0.7");
        assertThat(tap.err()).contains("3 frames", "as many as were wanted");
      }
      try (var tap = run("tap", url, "tone->gain", "--json", "--sample", "2/s")) {
        Await.until(PATIENCE, () -> tap.out().contains("\"frame\""), tap::err);
        tap.terminate();
        assertThat(tap.awaitExit(PATIENCE)).as(tap.err()).isZero();
        assertThat(tap.out().lines()).allSatisfy(line -> assertThat(line).startsWith("{"));
      }
      try (var top = run("top", url)) {
        assertThat(top.awaitExit(PATIENCE)).as(top.err()).isZero();
        assertThat(top.out()).contains("PIPELINE", "loud", "Running", "tone", "SineGenerator");
      }
      try (var top = run("top", url, "--json", "--pipeline", "loud")) {
        assertThat(top.awaitExit(PATIENCE)).as(top.err()).isZero();
        var json = Json.tree(top.out().getBytes(StandardCharsets.UTF_8));
        assertThat(json.at("/pipelines/0/in_per_second").asDouble()).isPositive();
      }
    }
  }

  @Test
  void whatOneCommandPublishesAnotherReceives() {
    try (var process = run("run", "--set", "server.port=0")) {
      var url = process.awaitReady().toString();
      try (var subscriber = run("subscribe", url, "hello", "--payload", "--limit", "2")) {
        Await.until(
            PATIENCE,
            () -> Http.get(URI.create(url), "/api/v1/topics/hello").status() == 200,
            subscriber::err);
        for (var payload : List.of("{\"n\":1}", "{\"n\":2}")) {
          try (var publisher = run("publish", url, "hello", payload)) {
            assertThat(publisher.awaitExit(PATIENCE)).as(publisher.err()).isZero();
          }
        }
        assertThat(subscriber.awaitExit(PATIENCE)).as(subscriber.err()).isZero();
        assertThat(subscriber.out()).isEqualTo("{\"n\":1}\n{\"n\":2}\n");
      }
      try (var subscriber = run("subscribe", url, "quiet")) {
        Await.until(
            PATIENCE,
            () -> Http.get(URI.create(url), "/api/v1/topics/quiet").status() == 200,
            subscriber::err);
        process.terminate();
        assertThat(subscriber.awaitExit(PATIENCE)).isEqualTo(69);
        assertThat(subscriber.err()).contains("has ended the subscription");
      }
    }
  }
}
