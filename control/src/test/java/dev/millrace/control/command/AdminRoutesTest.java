package dev.millrace.control.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.control.audit.AuditSpec;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class AdminRoutesTest {
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();

  // Never started: what is recorded stays in memory, and nobody waits for a disk.
  private final AuditTrail audit =
      new AuditTrail(
          Path.of("target/tmp"), AuditSpec.DEFAULT.withWaitingEntries(1), () -> 1, clock, metrics);
  private final CommandDesk desk =
      new CommandDesk(
          List.of(
              new Command("echo", Role.OPERATOR, Route.Docs.of("echo"), AdminRoutesTest::echo),
              new Command("reload", Role.ADMIN, Route.Docs.of("reload"), AdminRoutesTest::echo)),
          audit,
          new SignalBus(1, clock, metrics),
          Duration.ofSeconds(5),
          text -> text,
          clock,
          metrics);

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  AdminRoutesTest() {
    audit.close(); // from now on nobody waits
  }

  private static CommandResult echo(CommandCall call) {
    return call.arguments().has("fail")
        ? CommandResult.Failed.of(409, "NO", "not now")
        : CommandResult.Done.of(true, call.arguments());
  }

  private Response give(byte[] body, @Nullable String type, Map<String, List<String>> query)
      throws Exception {
    var route = new AdminRoutes(desk).routes().getFirst();
    Map<String, String> headers = type == null ? Map.of() : Map.of("content-type", type);
    return route
        .handler()
        .handle(
            new Request(
                "r-1",
                "POST",
                route.path(),
                Map.of(),
                query,
                headers,
                body,
                "127.0.0.1",
                Principal.local("127.0.0.1")));
  }

  @Test
  void eachCommandIsARouteOfTheAdminSurface() {
    var routes = new AdminRoutes(desk).routes();
    assertThat(routes)
        .extracting(Route::path)
        .containsExactly("/api/v1/admin/echo", "/api/v1/admin/reload");
    assertThat(routes).extracting(Route::surface).containsOnly(Surface.ADMIN);
    assertThat(routes)
        .extracting(Route::access)
        .containsExactly(Route.Access.OPERATOR, Route.Access.ADMIN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "''| -| 200| \"ok\":true,\"applied\":true,\"state\":{}",
        "''| text/plain| 200| \"state\":{}",
        "{\"a\":1}| application/json| 200| \"state\":{\"a\":1}",
        "{\"a\":1}| Application/JSON; charset=utf-8| 200| \"state\":{\"a\":1}",
        "{\"a\":1}| -| 415| UNSUPPORTED_MEDIA_TYPE",
        "{\"a\":1}| text/plain| 415| UNSUPPORTED_MEDIA_TYPE",
        "{\"a\":1}| application/json-seq| 415| UNSUPPORTED_MEDIA_TYPE",
        "{\"a\":| application/json| 400| BAD_JSON",
        "{} x| application/json| 400| BAD_JSON",
        "[]| application/json| 400| BAD_JSON",
        "null| application/json| 400| BAD_JSON",
        "' '| application/json| 400| BAD_JSON",
        "{\"fail\":1}| application/json| 409| not now",
      })
  void bodiesAreReadStrictly(String body, @Nullable String type, int status, String says)
      throws Exception {
    var response = give(body.getBytes(StandardCharsets.UTF_8), type, Map.of());
    assertThat(response.status()).isEqualTo(status);
    assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains(says);
  }

  @Test
  void queryParametersAreArgumentsToo() throws Exception {
    var body = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    var query = Map.of("dry_run", List.of("1"), "access_token", List.of("canary"));
    assertThat(new String(give(body, "application/json", query).body(), StandardCharsets.UTF_8))
        .contains("\"state\":{\"a\":1,\"dry_run\":\"1\"}");
    assertThat(give(body, "application/json", Map.of("a", List.of("2"))).status()).isEqualTo(400);
    assertThat(give(new byte[0], null, Map.of("b", List.of("1", "2"))).status()).isEqualTo(400);
    assertThat(audit.newest(10).toString()).doesNotContain("canary");
  }

  @Test
  void aBodyHasALimit() throws Exception {
    var large = ("{\"a\":\"" + "x".repeat(65_536) + "\"}").getBytes(StandardCharsets.UTF_8);
    assertThat(give(large, "application/json", Map.of()).status()).isEqualTo(413);
  }

  @FuzzTest
  void noBodyCrashesTheReader(byte[] body) throws Exception {
    assertThat(give(body, "application/json", Map.of()).status()).isIn(200, 400, 409, 413);
  }

  @Test
  void damagedBodiesAreAnsweredOrRefused() {
    var good =
        "{\"pipeline\":\"l\\u00e4bels\",\"n\":[1,-2.5e3,{\"x\":null}]}"
            .getBytes(StandardCharsets.UTF_8);
    long seed = 20_260_402;
    var random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      var damaged = java.util.Arrays.copyOf(good, random.nextInt(good.length + 8));
      for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      assertThatCode(
              () ->
                  assertThat(give(damaged, "application/json", Map.of()).status())
                      .isIn(200, 400, 409))
          .as("seed " + seed + ", round " + round)
          .doesNotThrowAnyException();
    }
    assertThat(Json.tree(good).has("n")).isTrue();
  }
}
