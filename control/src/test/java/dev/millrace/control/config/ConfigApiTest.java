package dev.millrace.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What operators and the console see of the configuration.
class ConfigApiTest {
  @TempDir Path folder;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final SignalBus signals = new SignalBus(10, clock, metrics);
  private LiveConfig<TestConfig> live;
  private Reloader<TestConfig> reloader;

  @BeforeEach
  void start() throws IOException {
    write("low: 2\ntoken: CANARY\npipelines: [{name: a, graph: {password: CANARY}}]\n");
    var source = new TestSource(folder.resolve("it.yaml"));
    live = source.load();
    reloader = new Reloader<>(live, source, List.of(), signals, clock, metrics);
  }

  @AfterEach
  void stop() {
    reloader.close();
    signals.close();
  }

  @Test
  void theConfigurationInForceIsShownWithoutItsSecrets() throws Exception {
    var body = get("/api/v1/config");
    assertThat(body.get("generation").intValue()).isEqualTo(1);
    assertThat(body.get("loaded_at").asString()).isEqualTo("2026-11-21T10:15:30Z");
    assertThat(body.get("last_error").isNull()).isTrue();
    assertThat(body.at("/config/low").intValue()).isEqualTo(2);
    assertThat(body.at("/config/high").intValue()).isEqualTo(50);
    assertThat(body.at("/config/token").asString()).isEqualTo("***");
    assertThat(body.at("/config/pipelines/0/graph/password").asString()).isEqualTo("***");
    assertThat(body.toString()).doesNotContain("CANARY");
  }

  @Test
  void aRejectionIsShownUntilSomethingSoundIsThere() throws Exception {
    write("low: CANARY\ntoken: [CANARY]\n");
    reload("{}");
    var error = get("/api/v1/config").at("/last_error/errors");
    assertThat(error).hasSize(2);
    assertThat(error.get(0).toString())
        .isEqualTo(
            """
            {"code":"E_BAD_CONFIG","path":"/low","line":1,"column":6,\
            "message":"low wants an integer, not the text \\"CANARY\\"",\
            "fix":"Remove the key to get 1.","source":"it.yaml"}\
            """);
    assertThat(error.get(1).toString()).doesNotContain("CANARY");
    write("low: 2\n");
    reload("{}");
    assertThat(get("/api/v1/config").get("last_error").isNull()).isTrue();
  }

  @Test
  void theSchemaIsThatOfTheSpec() throws Exception {
    var schema = get("/api/v1/config/schema");
    assertThat(schema.get("$schema").asString()).contains("2020-12");
    assertThat(schema.at("/properties/low/maximum").intValue()).isEqualTo(100);
    assertThat(schema.at("/properties/token_file/type").asString()).isEqualTo("string");
  }

  @Test
  void theConfigurationBelongsToTheSurfaceThatIsNeverAnonymous() {
    var routes = new ConfigRoutes(live).routes();
    assertThat(routes).extracting(Route::access).containsOnly(Route.Access.VIEWER);
    assertThat(routes).extracting(Route::surface).containsExactly(Surface.ADMIN, Surface.API);
  }

  @Test
  void reloadAnswersWithEveryFieldAndNoOther() throws Exception {
    assertThat(ReloadCommand.of(reloader).role()).isEqualTo(Role.ADMIN);
    write("low: 3\nserver: {port: 9000}\npipelines: [{name: b}]\nunknown: 1\n");
    var done = (CommandResult.Done) reload("{}");
    assertThat(done.applied()).isTrue();
    assertThat(done.fields().propertyNames())
        .containsExactly(
            "changed",
            "generation",
            "added",
            "removed",
            "changed_keys",
            "restart_required",
            "warnings");
    var warnings = done.fields().remove("warnings");
    assertThat(warnings.get(0).get("code").asString()).isEqualTo("W_UNKNOWN_KEY");
    assertThat(done.fields().toString())
        .isEqualTo(
            """
            {"changed":true,"generation":2,"added":["server.port","pipelines[b]"],\
            "removed":["pipelines[a]","token"],"changed_keys":["low"],\
            "restart_required":["server.port"]}\
            """);

    var again = (CommandResult.Done) reload("{}");
    assertThat(again.applied()).isFalse();
    again.fields().remove("warnings");
    assertThat(again.fields().toString())
        .isEqualTo(
            """
            {"changed":false,"generation":2,"added":[],"removed":[],"changed_keys":[],\
            "restart_required":["server.port"]}\
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"dry_run":true}    | 1
          {"dry_run":"1"}     | 1
          {"dry_run":1}       | 1
          {"dry_run":"true"}  | 1
          {"dry_run":false}   | 2
          {"dry_run":"0"}     | 2
          {"dry_run":null}    | 2
          {"other":1}         | 2
          """)
  void aDryRunSaysWhatWouldChange(String arguments, long generation) throws Exception {
    write("low: 3\n");
    var done = (CommandResult.Done) reload(arguments);
    assertThat(done.fields().get("changed").booleanValue()).isTrue();
    assertThat(done.applied()).isEqualTo(generation == 2);
    assertThat(live.generation()).isEqualTo(generation);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"dry_run\":\"maybe\"}'",
    "'{\"dry_run\":7}'",
    "'{\"dry_run\":[true]}'",
    "'{\"dry_run\":\"\"}'"
  })
  void aDryRunThatIsNeitherIsRefused(String arguments) throws Exception {
    var failed = (CommandResult.Failed) reload(arguments);
    assertThat(failed.status()).isEqualTo(422);
    assertThat(failed.code()).isEqualTo("VALIDATION_FAILED");
    assertThat(failed.details().get("field").asString()).isEqualTo("dry_run");
  }

  @Test
  void anInvalidConfigurationIsRefusedWithAllThatIsWrong() throws Exception {
    write("low: many\nhigh: more\nunknown: 1\n");
    var failed = (CommandResult.Failed) reload("{}");
    assertThat(failed.status()).isEqualTo(422);
    assertThat(failed.code()).isEqualTo("CONFIG_INVALID");
    assertThat(failed.message()).contains("generation 1 stays in force", "and 1 more");
    assertThat(failed.details().at("/errors")).hasSize(2);
    assertThat(failed.details().at("/errors/1/line").intValue()).isEqualTo(2);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void filesAreReadWithinLimitsAndRemembered() throws Exception {
    var files = new ConfigFiles();
    Files.write(folder.resolve("large"), new byte[ConfigFiles.MAX_BYTES + 100]);
    Files.write(folder.resolve("broken"), new byte[] {(byte) 0xC3});
    assertThat(files.bytes(folder.resolve("large"))).hasSize(ConfigFiles.MAX_BYTES + 1);
    assertThatThrownBy(() -> files.text(folder.resolve("large")))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> files.text(folder.resolve("broken")))
        .isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> files.bytes(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> files.bytes(folder)).isInstanceOf(FileSystemException.class);
    files.note("tls.cert_file", folder.resolve("gone.pem"));
    assertThat(files.seen()).hasSize(5);
    assertThat(files.seen().getLast().digest()).isEqualTo("absent");
    assertThat(files.seen().getLast().key()).isEqualTo("tls.cert_file");
    for (var file : files.seen()) {
      assertThat(ConfigFiles.digest(file.path())).isEqualTo(file.digest());
    }
  }

  private CommandResult reload(String arguments) throws Exception {
    var command = ReloadCommand.of(reloader);
    var fields = Json.mapper().readTree(arguments).asObject();
    return command
        .handler()
        .run(
            new CommandCall(
                "reload", fields, Principal.local("127.0.0.1"), CommandCall.Origin.REST, "r1"));
  }

  private JsonNode get(String path) throws Exception {
    var route =
        new ConfigRoutes(live)
            .routes().stream().filter(one -> one.path().equals(path)).findFirst().orElseThrow();
    var response =
        route
            .handler()
            .handle(
                new Request(
                    "r1",
                    "GET",
                    path,
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    new byte[0],
                    "127.0.0.1",
                    Principal.local("127.0.0.1")));
    assertThat(response.status()).isEqualTo(200);
    return Json.tree(response.body());
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("it.yaml"), text);
  }
}
