package dev.millrace.control.config;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.core.spec.Masked;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The configuration in force, for people who look, and its schema, for their editors.
public final class ConfigRoutes implements RouteContribution {
  private static final String EXAMPLE =
      """
      {"generation":3,"loaded_at":"2026-11-21T10:15:30Z","restart_required":["server.port"],\
      "warnings":[],"last_error":null,\
      "config":{"server":{"host":"127.0.0.1","port":8080},"auth":{"jwt":{"secret":"***"}}}}\
      """;

  private final LiveConfig<?> live;

  public ConfigRoutes(LiveConfig<?> live) {
    this.live = live;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/config",
            Surface.ADMIN,
            Route.Access.VIEWER,
            Route.Docs.of("The configuration in force, defaults included and secrets masked.")
                .answers(EXAMPLE),
            this::config),
        new Route(
            "GET",
            "/api/v1/config/schema",
            Route.Access.VIEWER,
            Route.Docs.of("The JSON Schema (2020-12) of the configuration file.")
                .answers("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}"),
            request -> Response.json(200, schema())));
  }

  private Response config(Request request) {
    var state = live.state();
    var body = Json.mapper().createObjectNode();
    body.put("generation", state.generation());
    body.put("loaded_at", state.loadedAt().toString());
    body.set("restart_required", ReloadCommand.texts(state.restartRequired()));
    body.set("warnings", Finding.json(state.warnings()));
    body.set(
        "last_error",
        state.lastError().isEmpty()
            ? Json.mapper().nullNode()
            : Json.mapper().createObjectNode().set("errors", Finding.json(state.lastError())));
    body.set("config", Masked.effective(state.inForce(), live.spec()));
    return Response.json(200, body);
  }

  private JsonNode schema() {
    return live.spec()
        .schema()
        .put("$schema", "https://json-schema.org/draft/2020-12/schema")
        .put("title", "millrace.yaml");
  }
}
