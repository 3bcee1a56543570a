package dev.millrace.engine.api;

import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.engine.graph.PaletteJson;
import java.util.List;

/// `GET /api/v1/nodes`: the node types that graphs may use.
public record PaletteRoutes(NodeCatalogue catalogue) implements RouteContribution {
  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/nodes",
            Route.Access.VIEWER,
            Route.Docs.of("The node types that graphs may use, for editors.")
                .answers(
                    """
                    [{"id":"gain","type":"Gain","name":"Gain","category":"Processors",
                      "description":"Multiplies every sample.",
                      "inputs":[{"id":"in","name":"Input","data_type":"audio_frame"}],
                      "outputs":[{"id":"out","name":"Output","data_type":"audio_frame"}],
                      "parameters":[{"name":"gain_db","type":"number","description":"Gain in dB.",
                        "required":false,"default":0.0,"min":0,"max":80}]}]\
                    """),
            request -> Response.json(200, PaletteJson.of(catalogue))));
  }
}
