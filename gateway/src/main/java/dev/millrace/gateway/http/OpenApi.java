package dev.millrace.gateway.http;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// The route table as an OpenAPI 3.1 document, with its examples and failures.
final class OpenApi {
  private static final Route.Docs DOCS =
      Route.Docs.of("Every route of this server as OpenAPI 3.1.")
          .answers("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Millrace\"},\"paths\":{}}");

  private OpenApi() {}

  /// The route that serves the document about `routes`, `endpoints` and itself.
  static Route routeFor(List<Route> routes, List<WebSocketEndpoint> endpoints) {
    var document = document(routes, endpoints);
    operation(document, new Route("GET", "/openapi.json", Route.Access.PUBLIC, DOCS, never()));
    var answer = Response.json(200, document);
    return new Route("GET", "/openapi.json", Route.Access.PUBLIC, DOCS, request -> answer);
  }

  private static Route.Handler never() {
    return request -> Response.empty(404);
  }

  private static ObjectNode document(List<Route> routes, List<WebSocketEndpoint> endpoints) {
    var document = Json.mapper().createObjectNode().put("openapi", "3.1.0");
    document.putObject("info").put("title", "Millrace").put("version", "1");
    document.putObject("paths");
    var failure = document.putObject("components").putObject("schemas").putObject("Failure");
    describeFailure(failure);
    routes.forEach(route -> operation(document, route));
    endpoints.forEach(endpoint -> socket(document, endpoint));
    return document;
  }

  private static void operation(ObjectNode document, Route route) {
    var docs = route.docs();
    var operation = place(document, route.path(), route.method());
    operation.put("summary", docs.summary());
    operation.put("x-role", route.access().name().toLowerCase(Locale.ROOT));
    parameters(operation, route.path(), docs.parameters());
    if (docs.requestExample() != null) {
      var body = operation.putObject("requestBody").put("required", true);
      example(body.putObject("content"), docs.requestExample());
    }
    var responses = operation.putObject("responses");
    var success = responses.putObject("2XX").put("description", "Success");
    if (docs.responseExample() != null) {
      example(success.putObject("content"), docs.responseExample());
    }
    docs.failures().stream()
        .collect(
            java.util.stream.Collectors.groupingBy(
                Route.Failure::status,
                java.util.TreeMap::new,
                java.util.stream.Collectors.toList()))
        .forEach((status, failures) -> failures(responses, status, failures));
  }

  private static void socket(ObjectNode document, WebSocketEndpoint endpoint) {
    var operation = place(document, endpoint.path(), "GET");
    operation.put("summary", endpoint.summary()).put("x-protocol", "websocket");
    parameters(operation, endpoint.path(), List.of());
    operation
        .putObject("responses")
        .putObject("101")
        .put("description", "Switching to the WebSocket protocol");
  }

  private static ObjectNode place(ObjectNode document, String path, String method) {
    return ((ObjectNode) document.get("paths"))
        .withObjectProperty(path)
        .putObject(method.toLowerCase(Locale.ROOT));
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
      parameter.putObject("schema").put("type", "string");
    }
    for (var one : documented) {
      if (one.where().equals("query")) {
        var parameter = list.addObject().put("name", one.name()).put("in", "query");
        parameter.put("required", false).put("description", one.what());
        parameter.putObject("schema").put("type", "string");
      }
    }
  }

  private static void failures(ObjectNode responses, int status, List<Route.Failure> failures) {
    var texts = failures.stream().map(one -> one.code() + ": " + one.when()).toList();
    var content =
        responses
            .putObject(Integer.toString(status))
            .put("description", String.join("; ", texts))
            .putObject("content")
            .putObject(Response.JSON);
    content.putObject("schema").put("$ref", "#/components/schemas/Failure");
    var example = content.putObject("example");
    var error = example.putObject("error");
    error.put("code", failures.getFirst().code()).put("message", failures.getFirst().when());
    error.putObject("details");
    example.put("request_id", "0123456789abcdef0123456789abcdef");
  }

  /// JSON examples stand as values, others as text.
  private static void example(ObjectNode content, String example) {
    try {
      content.putObject(Response.JSON).set("example", Json.mapper().readTree(example));
    } catch (JacksonException text) {
      content.removeAll();
      content.putObject("text/plain").put("example", example);
    }
  }

  private static void describeFailure(ObjectNode schema) {
    schema.put("type", "object").putArray("required").add("error").add("request_id");
    var properties = schema.putObject("properties");
    var error = properties.putObject("error").put("type", "object");
    error.putArray("required").add("code").add("message").add("details");
    var parts = error.putObject("properties");
    Map.of("code", "string", "message", "string", "details", "object")
        .forEach((name, type) -> parts.putObject(name).put("type", type));
    properties.putObject("request_id").put("type", "string");
  }
}
