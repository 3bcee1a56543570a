package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.config.ConfigReader;
import dev.millrace.control.data.DataDirectory;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Foundation foundation = Foundation.lay();
  private final ServiceHolder services = new ServiceHolder();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    foundation.close();
  }

  @Test
  void whenAPipelineCannotOpenPortAndDataDirectoryAreFreeAgain() throws Exception {
    int port = freePort();
    var server =
        server(
            port,
            """
            pipelines:
              - name: sound
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose }
                    - { id: store, type: SqliteSink }
                  connections:
                    - { from: firehose, to: store }
              - name: broken
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose }
                    - { id: classify, type: Classify, config: { model: nowhere.json } }
                    - { id: out, type: Publish, config: { topic: out } }
                  connections:
                    - { from: firehose, to: classify }
                    - { from: classify, to: out }
            """);
    try (server) {
      assertThatThrownBy(server::start)
          .asInstanceOf(type(ExitException.class))
          .satisfies(
              refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_CONFIGURATION))
          .satisfies(
              refused ->
                  assertThat(refused)
                      .hasMessageContaining("broken")
                      .hasMessageContaining("nowhere.json"));
    }
    new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    DataDirectory.open(folder.resolve("data"), "test").close();
    foundation.close();
    await(() -> millraceThreads().isEmpty(), "threads are left: " + millraceThreads());
  }

  @Test
  void aTakenPortIsInUse() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var server = server(taken.getLocalPort(), "")) {
      assertThatThrownBy(server::start)
          .asInstanceOf(type(ExitException.class))
          .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.IN_USE));
    }
    DataDirectory.open(folder.resolve("data"), "test").close();
  }

  @Test
  void aPublicAddressIsRefused() throws Exception {
    try (var server = server(0, "server: { host: 0.0.0.0 }")) {
      assertThatThrownBy(server::start)
          .asInstanceOf(type(ExitException.class))
          .satisfies(
              refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_CONFIGURATION));
    }
  }

  @Test
  void aPipelineInTroubleShowsInHealthAndReadinessButTheProcessServes() throws Exception {
    var server =
        server(
            0,
            """
            pipelines:
              - name: full
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose, config: { rate: 0 } }
                    - { id: store, type: SqliteSink, config: { max_size: 256KiB } }
                  connections:
                    - { from: firehose, to: store }
            """);
    try (server) {
      server.start();
      var address = server.address();
      await(() -> get(address, "/health").statusCode() == 503, "the limit never showed");
      var health = get(address, "/health");
      var component =
          Json.tree(health.body()).path("data").path("components").path("pipeline/full");
      assertThat(component.path("healthy").asBoolean()).isFalse();
      assertThat(component.path("state").asString()).isEqualTo("Running");
      assertThat(component.path("trouble").asString()).startsWith("store: ").contains("max_size");
      assertThat(get(address, "/ready").statusCode()).isEqualTo(503);
      assertThat(get(address, "/healthz").statusCode()).isEqualTo(200);
      assertThat(RunSummary.of(server).trouble().orElseThrow()).contains("max_size");
    }
  }

  @Test
  void aPipelineThatFailedSaysWhyAndTheProcessServesOn() throws Exception {
    var server =
        server(
            0,
            """
            pipelines:
              - name: broken
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose, config: { rate: 2000 } }
                    - { id: store, type: SqliteSink }
                  connections:
                    - { from: firehose, to: store }
            """);
    try (server) {
      server.start();
      dropTable(folder.resolve("data").resolve("records.db"));
      await(() -> get(server.address(), "/health").statusCode() == 503, "the failure never showed");
      var component =
          Json.tree(get(server.address(), "/health").body())
              .path("data")
              .path("components")
              .path("pipeline/broken");
      assertThat(component.path("state").asString()).isEqualTo("Error");
      assertThat(component.path("trouble").asString()).contains("records.db");
      assertThat(get(server.address(), "/healthz").statusCode()).isEqualTo(200);
      var result = server.stop();
      assertThat(result.failed()).isTrue();
      assertThat(result.complaints()).singleElement().asString().contains("The pipeline broken");
    }
  }

  @Test
  void statisticsCountWhatPipelinesReadAndTopicsGot() throws Exception {
    var server =
        server(
            0,
            """
            pipelines:
              - name: posts
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose, config: { rate: 0, count: 500 } }
                    - { id: posts, type: JetstreamPosts }
                    - { id: out, type: Publish, config: { topic: posts } }
                  connections:
                    - { from: firehose, to: posts }
                    - { from: posts, to: out }
            """);
    try (server) {
      server.start();
      server.awaitPipelines();
      var stats = Json.tree(get(server.address(), "/stats").body()).path("data");
      assertThat(stats.path("pipelines").path("posts").path("events_read").asLong()).isEqualTo(500);
      assertThat(stats.path("pipelines").path("posts").path("state").asString())
          .isEqualTo("Completed");
      assertThat(stats.path("published").asLong()).isPositive();
      assertThat(get(server.address(), "/ready").statusCode()).isEqualTo(200);
      var result = server.stop();
      assertThat(result.complaints()).isEmpty();
      assertThat(RunSummary.of(server).text()).contains("posts: 500 events read", "topic posts: ");
    }
  }

  @Test
  void whoIsTurnedAwayFromACommandIsInTheTrail() throws Exception {
    var server =
        server(
            0,
            """
            auth:
              tokens:
                - { name: ops, token: ops-token-0123456789, role: admin }
                - { name: eye, token: eye-token-0123456789, role: viewer }
            """);
    try (server) {
      server.start();
      var pause = server.address().resolve("/api/v1/admin/pause");
      assertThat(post(pause, null)).isEqualTo(401);
      assertThat(post(pause, "eye-token-0123456789")).isEqualTo(403);
    }
    var trail = Files.readString(folder.resolve("data/audit/audit.jsonl"));
    assertThat(trail)
        .contains("\"command\":\"pause\"", "AUTH_REQUIRED", "FORBIDDEN", "\"actor\":\"eye\"")
        .doesNotContain("token-0123456789");
  }

  private int post(URI address, @Nullable String token) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(address).POST(HttpRequest.BodyPublishers.noBody());
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static void await(Callable<Boolean> condition, String complaint) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(complaint).isLessThan(deadline);
      LockSupport.parkNanos(10_000_000);
    }
  }

  private Server server(int port, String text) throws IOException {
    var file = folder.resolve("millrace.yaml");
    Files.writeString(file, text.isEmpty() ? "{}" : text);
    var assignments = List.of("server.port=" + port, "server.data_dir=" + folder.resolve("data"));
    var problems = new Problems();
    var input = new ConfigReader.Input(Map.of(), assignments, Optional.empty(), true);
    var reader = new ConfigReader(services.catalogue(), file, input);
    var loaded = reader.load(problems).orElseThrow(() -> new AssertionError(problems.toString()));
    return new Server(foundation, services, reader, loaded);
  }

  private HttpResponse<byte[]> get(URI address, String path)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static void dropTable(Path database) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.execute("DROP TABLE records");
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static List<String> millraceThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().startsWith("millrace"))
        .map(Thread::getName)
        .toList();
  }
}
