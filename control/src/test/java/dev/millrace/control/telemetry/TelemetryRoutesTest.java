package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TelemetryRoutesTest {
  private static final Capabilities CAPABILITIES =
      new Capabilities("0.1.0", List.of("pipelines", "events"));

  private static Response get(TelemetryRoutes routes, String path, Role role) throws Exception {
    var caller = new Principal("somebody", Principal.Kind.TOKEN, role);
    var route =
        routes.routes().stream().filter(one -> one.path().equals(path)).findFirst().orElseThrow();
    assertThat(route.access()).isEqualTo(Route.Access.VIEWER);
    return route
        .handler()
        .handle(
            new Request(
                "r-1",
                "GET",
                path,
                Map.of(),
                Map.of(),
                Map.of(),
                new byte[0],
                "127.0.0.1",
                caller));
  }

  private static JsonNode json(Response response) {
    return Json.tree(response.body());
  }

  @Test
  void theNewestSnapshotIsServedOnceThereIsOne() throws Exception {
    try (var process = new FakeProcess();
        var telemetry =
            new Telemetry(
                TelemetrySpec.DEFAULT,
                process.sections(),
                new Machine(() -> () -> Machine.Reading.NOTHING, Duration.ofSeconds(10)),
                process.clock,
                process.metrics)) {
      var routes = new TelemetryRoutes(telemetry.start(), CAPABILITIES);
      var early = get(routes, "/api/v1/telemetry", Role.VIEWER);
      assertThat(early.status()).isEqualTo(503);
      assertThat(json(early).path("error").path("code").asString()).isEqualTo("NOT_YET");
      process.clock.advance(Duration.ofSeconds(1));
      process.await(TelemetryTick.class, 1);
      var response = get(routes, "/api/v1/telemetry", Role.VIEWER);
      assertThat(response.status()).isEqualTo(200);
      assertThat(json(response).path("seq").asInt()).isEqualTo(1);
    }
  }

  @Test
  void aViewerIsToldWhyThereAreNoControls() throws Exception {
    try (var process = new FakeProcess();
        var telemetry =
            new Telemetry(
                TelemetrySpec.DEFAULT, process.sections(), process.clock, process.metrics)) {
      var routes = new TelemetryRoutes(telemetry, CAPABILITIES);
      assertThat(json(get(routes, "/api/v1/console/capabilities", Role.VIEWER)))
          .hasToString(
              "{\"version\":\"0.1.0\",\"admin_enabled\":false,\"read_only_reason\":\"commands need"
                  + " the role operator; yours is"
                  + " viewer\",\"features\":[\"pipelines\",\"events\"]}");
      assertThat(json(get(routes, "/api/v1/console/capabilities", Role.OPERATOR)))
          .hasToString(
              "{\"version\":\"0.1.0\",\"admin_enabled\":true,\"read_only_reason\":null,"
                  + "\"features\":[\"pipelines\",\"events\"]}");
    }
  }
}
