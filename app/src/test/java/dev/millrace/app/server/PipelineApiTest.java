package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.config.ConfigReader;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Pipelines made, driven and read over a real port.
@Timeout(120)
class PipelineApiTest {
  private static final String GRAPH =
      """
      {"name":"demo",
       "nodes":[{"id":"louder","type":"Gain","config":{"gain_db":%s}},
        {"id":"out","type":"Publish","config":{"topic":"loud"}}],
       "connections":[{"from":"louder","to":"out"}]}
      """;

  private final Foundation foundation = Foundation.lay();
  private final ServiceHolder services = new ServiceHolder();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    http.close();
    foundation.close();
  }

  @Test
  void aPipelineIsMadeDrivenChangedAndForgotten() throws Exception {
    try (var server = server("{}")) {
      server.start();
      var made = ask(server, "POST", "/pipelines", GRAPH.formatted("90"), 201);
      assertThat(made.path("id").asString()).isEqualTo("demo");
      assertThat(made.path("warnings").isArray()).isTrue();
      assertThat(ask(server, "GET", "/pipelines/demo", "", 200).path("origin").asString())
          .isEqualTo("api");
      refused(server, "/pipelines", GRAPH.formatted("6"), 409, "PIPELINE_EXISTS");

      refused(server, "/pipelines/demo/trigger", "", 409, "NOT_TAKEN");
      refused(server, "/pipelines/demo/stop", "", 409, "INVALID_TRANSITION");
      refused(server, "/pipelines/demo/resume", "", 409, "INVALID_TRANSITION");
      move(server, "start", "Running");
      refused(server, "/pipelines/demo/start", "", 409, "INVALID_TRANSITION");
      ask(server, "POST", "/pipelines/demo/trigger", "", 202);
      move(server, "pause", "Paused");
      refused(server, "/pipelines/demo/trigger", "", 503, "PAUSED");
      refused(server, "/pipelines/demo/pause", "", 409, "INVALID_TRANSITION");
      move(server, "resume", "Running");
      var changed = ask(server, "PUT", "/pipelines/demo", GRAPH.formatted("3"), 200);
      assertThat(changed.path("change").toString())
          .isEqualTo(
              "{\"pipeline\":\"demo\",\"in_place\":true,\"kept\":[\"out\"],"
                  + "\"changed\":[\"louder\"],\"added\":[],\"removed\":[]}");
      ask(server, "POST", "/pipelines/demo/trigger?node=louder", "", 202);
      ask(server, "POST", "/admin/pipeline_trigger", "{\"pipeline\":\"demo\"}", 200);
      refused(server, "/pipelines/demo/trigger?node=nobody", "", 404, "UNKNOWN_NODE");
      move(server, "stop", "Completed");
      assertThat(events(server))
          .containsExactly("Initializing", "Running", "Paused", "Running", "Completed");
      ask(server, "GET", "/pipelines/demo/collect/out", "", 404);
      move(server, "start", "Running");

      ask(server, "DELETE", "/pipelines/demo", "", 200);
      ask(server, "GET", "/pipelines/demo", "", 404);
      ask(server, "GET", "/pipelines/demo/report", "", 404);
      ask(server, "DELETE", "/pipelines/demo", "", 404);
      var trail = Files.readString(folder.resolve("data/audit/audit.jsonl"));
      assertThat(trail)
          .contains(
              "pipeline_create",
              "pipeline_start",
              "pipeline_pause",
              "pipeline_resume",
              "pipeline_change",
              "pipeline_stop",
              "pipeline_delete",
              "Invalid state transition: Running -> Initializing")
          .contains("\"outcome\":{\"pipelines\":[{\"pipeline\":\"demo\",\"in_place\":true")
          .doesNotContain("gain_db")
          .doesNotContain("trigger");
    }
  }

  @Test
  void aBadGraphIsRefusedWithEveryErrorAtItsPlace() throws Exception {
    try (var server = server("{}")) {
      server.start();
      var graph =
          """
          {"nodes":[{"id":"a","type":"Gian"},
           {"id":"b","type":"Publish","config":{"topic":"x"}}],
           "connections":[{"from":"nobody","to":"b"}]}
          """;
      var answer = refused(server, "/pipelines", graph, 422, "BAD_GRAPH");
      var errors = answer.path("error").path("details").path("errors");
      assertThat(errors.findValuesAsString("code")).contains("E_UNKNOWN_TYPE", "E_UNKNOWN_NODE");
      var first = errors.path(0);
      assertThat(first.path("pointer").asString()).startsWith("/nodes/0");
      assertThat(first.path("line").asInt()).isEqualTo(1);
      assertThat(first.path("column").asInt()).isPositive();
      assertThat(first.path("hint").asString()).contains("Gain");
      refused(server, "/pipelines?name=a%2Fb", GRAPH.formatted("1"), 422, "VALIDATION_FAILED");
    }
  }

  @Test
  void whatIsDoubtfulInAGraphIsAWarningInTheAnswer() throws Exception {
    try (var server = server("{}")) {
      server.start();
      var graph = "{\"nodes\":[{\"id\":\"f\",\"type\":\"SimulatedFirehose\"}],\"connections\":[]}";
      var made = ask(server, "POST", "/pipelines", graph, 201);
      assertThat(made.path("id").asString()).isEqualTo("graph-1");
      assertThat(made.path("warnings").findValuesAsString("code")).contains("W_ISOLATED");
      assertThat(made.path("warnings").path(0).path("line").asInt()).isEqualTo(1);
    }
  }

  @Test
  void aGraphFromTheNetworkReachesNoFileOutsideOfTheDataDirectory() throws Exception {
    try (var server = server("{}")) {
      server.start();
      for (var path : List.of("/tmp/elsewhere.db", "../elsewhere.db")) {
        var graph =
            """
            {"nodes":[{"id":"f","type":"SimulatedFirehose"},
              {"id":"s","type":"SqliteSink","config":{"path":"%s"}}],
             "connections":[{"from":"f","to":"s"}]}
            """
                .formatted(path);
        var answer =
            refused(server, "/pipelines?name=out&autostart=true", graph, 409, "START_FAILED");
        assertThat(answer.path("error").path("details").path("code").asString())
            .isEqualTo("E_PATH");
        ask(server, "GET", "/pipelines/out", "", 404);
      }
    }
  }

  @Test
  void oneIdRunsFromTheRequestThroughEveryNodeIntoTheLog() throws Exception {
    var config =
        """
        logging: { output: file, format: json, levels: { engine: debug } }
        """;
    try (var server = server(config)) {
      server.start();
      ask(server, "POST", "/pipelines?autostart=true", GRAPH.formatted("6"), 201);
      var request =
          HttpRequest.newBuilder(
                  server.address().resolve("/api/v1/pipelines/demo/trigger?wait=true"))
              .header("X-Request-Id", "request-4711")
              .POST(HttpRequest.BodyPublishers.noBody());
      var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(Json.tree(answer.body()).path("trace_id").asString()).isEqualTo("request-4711");
      var log = folder.resolve("data/logs/millrace.log");
      await(
          () -> {
            var lines = Files.readAllLines(log).stream().filter(it -> it.contains("request-4711"));
            var text = String.join("\n", lines.toList());
            return text.contains("\"node\":\"louder\"") && text.contains("\"node\":\"out\"");
          },
          "the id is not in the lines of both nodes");
    }
  }

  @Test
  void aThousandTriggersAreAllHandledBeforeStopAnswers() throws Exception {
    try (var server = server("{}")) {
      server.start();
      ask(server, "POST", "/pipelines?autostart=true", GRAPH.formatted("6"), 201);
      for (int i = 0; i < 1_000; i++) {
        var frame = "{\"timestamp\":1,\"sequence_id\":" + i + ",\"payload\":{\"c\":[1.0]}}";
        ask(server, "POST", "/pipelines/demo/trigger?wait=true", frame, 202);
      }
      move(server, "stop", "Completed");
      var counts = ask(server, "GET", "/pipelines/demo/metrics", "", 200);
      for (var node : List.of("louder", "out")) {
        assertThat(counts.path(node).path("frames_processed").asLong()).isEqualTo(1_000);
      }
      refused(server, "/pipelines/demo/trigger", "{\"sequence_id\":-1}", 422, "BAD_FRAME");
    }
  }

  @Test
  void viewersReadOperatorsDriveAndAdministratorsMake() throws Exception {
    var config =
        """
        auth:
          tokens:
            - { name: eye, token: viewer-token-0123456789, role: viewer }
            - { name: hand, token: operator-token-0123456789, role: operator }
            - { name: head, token: admin-token-0123456789, role: admin }
        """;
    try (var server = server(config)) {
      server.start();
      var graph = GRAPH.formatted("6");
      assertThat(as(server, "viewer", "GET", "/nodes", "")).isEqualTo(200);
      assertThat(as(server, "viewer", "POST", "/pipelines", graph)).isEqualTo(403);
      assertThat(as(server, "operator", "POST", "/pipelines", graph)).isEqualTo(403);
      assertThat(as(server, "admin", "POST", "/pipelines", graph)).isEqualTo(201);
      for (var verb : List.of("start", "trigger", "pause", "resume", "stop")) {
        var path = "/pipelines/demo/" + verb;
        assertThat(as(server, "viewer", "POST", path, "")).as(verb).isEqualTo(403);
        assertThat(as(server, "operator", "POST", path, "")).as(verb).isBetween(200, 202);
      }
      for (var path : List.of("report", "metrics", "events", "tap?for=1ms")) {
        assertThat(as(server, "viewer", "GET", "/pipelines/demo/" + path, "")).isEqualTo(200);
      }
      assertThat(as(server, "operator", "PUT", "/pipelines/demo", graph)).isEqualTo(403);
      assertThat(as(server, "operator", "DELETE", "/pipelines/demo", "")).isEqualTo(403);
      assertThat(as(server, "admin", "DELETE", "/pipelines/demo", "")).isEqualTo(200);
    }
  }

  private void move(Server server, String verb, String state) throws Exception {
    var answer = ask(server, "POST", "/pipelines/demo/" + verb, "", 200);
    assertThat(answer.path("state").path("state").asString()).as(verb).isEqualTo(state);
  }

  private JsonNode refused(Server server, String path, String body, int status, String code)
      throws Exception {
    var answer = ask(server, "POST", path, body, status);
    assertThat(answer.path("error").path("code").asString()).as(path).isEqualTo(code);
    return answer;
  }

  private List<String> events(Server server) throws Exception {
    return ask(server, "GET", "/pipelines/demo/events", "", 200)
        .path("events")
        .findValuesAsString("to");
  }

  private JsonNode ask(Server server, String method, String path, String body, int status)
      throws Exception {
    var answer = send(server, method, path, body, "none");
    assertThat(answer.statusCode())
        .as(
            "%s %s: %s",
            method, path, new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(status);
    return Json.tree(answer.body());
  }

  private int as(Server server, String who, String method, String path, String body)
      throws Exception {
    return send(server, method, path, body, who + "-token-0123456789").statusCode();
  }

  private HttpResponse<byte[]> send(
      Server server, String method, String path, String body, String token)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(server.address().resolve("/api/v1" + path))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!token.equals("none")) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static void await(Callable<Boolean> condition, String complaint) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(complaint).isLessThan(deadline);
      LockSupport.parkNanos(10_000_000);
    }
  }

  private Server server(String text) throws IOException {
    var file = folder.resolve("millrace.yaml");
    Files.writeString(file, text);
    var assignments = List.of("server.port=0", "server.data_dir=" + folder.resolve("data"));
    var problems = new Problems();
    var input = new ConfigReader.Input(Map.of(), assignments, Optional.empty(), true);
    var reader = new ConfigReader(services.catalogue(), file, input);
    var loaded = reader.load(problems).orElseThrow(() -> new AssertionError(problems.toString()));
    return new Server(foundation, services, reader, loaded);
  }
}
