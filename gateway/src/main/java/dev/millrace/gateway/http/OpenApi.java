package dev.millrace.gateway.http;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The route table as an OpenAPI 3.1 document: examples, failures, who may call, and what the table
/// itself may answer in a handler's place. A documented failure without a code has the form of a
/// success.
final class OpenApi {
  private static final Route.Docs DOCS =
      Route.Docs.of("Every route of this server as OpenAPI 3.1.")
          .answers("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Millrace\"},\"paths\":{}}");

  private final ObjectNode document = Json.mapper().createObjectNode().put("openapi", "3.1.0");
  private final ObjectNode paths;

  private OpenApi() {
    document.putObject("info").put("title", "Millrace").put("version", "1");
    paths = document.putObject("paths");
    OpenApiParts.components(document.putObject("components"));
  }

  /// The route that serves the document about all these and itself.
  static Route routeFor(
      List<Route> onThreads, List<Route> onLoop, List<WebSocketEndpoint> endpoints) {
    var made = new OpenApi();
    onThreads.forEach(route -> made.operation(route, true));
    onLoop.forEach(route -> made.operation(route, false));
    made.operation(route(request -> Response.empty(404)), true);
    endpoints.forEach(made::socket);
    var answer = Response.json(200, made.document);
    return route(request -> answer);
  }

  private static Route route(Route.Handler handler) {
    return new Route("GET", "/openapi.json", Route.Access.PUBLIC, DOCS, handler);
  }

  /// `guarded`: the table looks at rate, origin, credentials and load before the handler runs.
  private void operation(Route route, boolean guarded) {
    var docs = route.docs();
    var operation = place(route.path(), route.method());
    operation.put("summary", docs.summary());
    access(operation, route.surface(), route.access());
    parameters(operation, route.path(), docs.parameters());
    var request = docs.requestExample();
    if (request != null) {
      var body = operation.putObject("requestBody").put("required", true);
      OpenApiParts.content(body, request, true);
    }
    var responses = operation.putObject("responses");
    success(responses.putObject("2XX").put("description", "Success"), docs.responseExample());
    docs.failures().stream()
        .collect(Collectors.groupingBy(Route.Failure::status, TreeMap::new, Collectors.toList()))
        .forEach((status, failures) -> failures(responses, status, failures, docs));
    if (guarded) {
      common(responses, 400, 403, 429, 503, 504);
      if (request != null) {
        common(responses, 413, 415);
      }
    }
    if (operation.path("security").size() > 0) {
      common(responses, 401);
    }
  }

  private void socket(WebSocketEndpoint endpoint) {
    if (paths.path(endpoint.path()).has("get")) {
      // One path answers to both: the document has one GET for it.
      var operation = (ObjectNode) paths.path(endpoint.path()).path("get");
      operation.put("x-websocket", endpoint.summary());
      switching((ObjectNode) operation.path("responses"));
      return;
    }
    var operation = place(endpoint.path(), "GET");
    operation.put("summary", endpoint.summary()).put("x-protocol", "websocket");
    access(operation, endpoint.surface(), endpoint.access());
    parameters(operation, endpoint.path(), List.of());
    var responses = operation.putObject("responses");
    switching(responses);
    common(responses, 400, 401, 403, 426, 429, 503);
  }

  private static void switching(ObjectNode responses) {
    responses.putObject("101").put("description", "Switching to the WebSocket protocol");
  }

  private ObjectNode place(String path, String method) {
    return paths.withObjectProperty(path).putObject(method.toLowerCase(Locale.ROOT));
  }

  private static void access(ObjectNode operation, Surface surface, Route.Access access) {
    operation.put("x-surface", surface.label());
    operation.put("x-role", access.name().toLowerCase(Locale.ROOT));
    var security = operation.putArray("security");
    if (access == Route.Access.PUBLIC) {
      return;
    }
    if (access == Route.Access.LOOPBACK_OR_VIEWER) {
      security.addObject(); // nothing is asked on loopback
    }
    OpenApiParts.SCHEMES.forEach(scheme -> security.addObject().putArray(scheme));
  }

  private static void parameters(
      ObjectNode operation, String path, List<Route.Parameter> documented) {
    var list = operation.putArray("parameters");
    for (var name : new PathPattern(path).parameters()) {
      var what =
          documented.stream()
              .filter(one -> one.where().equals("path") && one.name().equals(name))
              .map(Route.Parameter::what)
              .findFirst()
              .orElse(name);
      var parameter = list.addObject().put("name", name).put("in", "path");
      parameter.put("required", true).put("description", what);
      parameter.putObject("schema").put("type", "string").put("minLength", 1);
    }
    for (var one : documented) {
      if (one.where().equals("query")) {
        var parameter = list.addObject().put("name", one.name()).put("in", "query");
        parameter.put("required", false).put("description", one.what());
        parameter.putObject("schema").put("type", "string");
      }
    }
  }

  private static void success(ObjectNode response, @Nullable String example) {
    if (example != null) {
      OpenApiParts.content(response, example, false);
    }
  }

  private static void failures(
      ObjectNode responses, int status, List<Route.Failure> failures, Route.Docs docs) {
    var first = failures.getFirst();
    var response = responses.putObject(Integer.toString(status));
    if (first.code().isEmpty()) {
      success(response.put("description", first.when()), docs.responseExample());
      return;
    }
    var texts = failures.stream().map(one -> one.code() + ": " + one.when());
    response.put("description", texts.collect(Collectors.joining("; ")));
    OpenApiParts.failure(response, first.code(), first.when());
  }

  /// What the table may answer itself, where the handler documents nothing of that status.
  private static void common(ObjectNode responses, int... statuses) {
    for (int status : statuses) {
      var name = Integer.toString(status);
      if (!responses.has(name)) {
        responses.putObject(name).put("$ref", "#/components/responses/" + name);
      }
    }
  }
}
