package dev.millrace.gateway.http;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The parts that operations of the OpenAPI document share, and bodies by example.
final class OpenApiParts {
  /// The ways to show a token.
  static final List<String> SCHEMES = List.of("bearer", "cookie");

  private static final String SAMPLE_ID = "0123456789abcdef0123456789abcdef";

  private OpenApiParts() {}

  /// Fills `components`.
  static void components(ObjectNode components) {
    failureSchema(components.putObject("schemas").putObject("Failure"));
    var schemes = components.putObject("securitySchemes");
    schemes
        .putObject("bearer")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "A fixed token or a JSON web token.");
    schemes
        .putObject("cookie")
        .put("type", "apiKey")
        .put("in", "cookie")
        .put("name", "access_token")
        .put("description", "The same token, for browsers, whose WebSockets carry no headers.");
    var responses = components.putObject("responses");
    common(responses, 400, "BAD_REQUEST", "the request is not what it must be");
    common(responses, 401, "AUTH_REQUIRED", "No access_token cookie or Authorization header");
    common(responses, 403, "FORBIDDEN", "the role, the page's origin or the host does not do");
    common(responses, 413, "BODY_TOO_LARGE", "the body is longer than allowed");
    common(responses, 415, "UNSUPPORTED_MEDIA_TYPE", "the body is not said to be JSON");
    common(responses, 426, "UPGRADE_REQUIRED", "this path is a WebSocket");
    common(responses, 429, "RATE_LIMITED", "the address asks, or fails, too often");
    common(responses, 503, "BUSY", "too many requests are running; try again in a second");
    common(responses, 504, "TIMEOUT", "the handler took too long");
  }

  /// One media type with its schema and example. A JSON example stands as a value, any other as
  /// text; only of what is sent are the fields described, because answers may hold more.
  static void content(ObjectNode owner, String example, boolean fields) {
    var content = owner.putObject("content");
    try {
      var value = Json.mapper().readTree(example);
      var media = content.putObject(Response.JSON);
      media.set("schema", fields ? fields(value) : schema(value));
      media.set("example", value);
    } catch (JacksonException text) {
      var type =
          example.startsWith("<!doctype html")
              ? "text/html"
              : isLinesOfJson(example) ? "application/x-ndjson" : "text/*";
      var media = content.putObject(type);
      media.putObject("schema").put("type", "string");
      media.put("example", example);
    }
  }

  private static boolean isLinesOfJson(String example) {
    return example
        .lines()
        .allMatch(line -> Json.kindOf(line.getBytes(StandardCharsets.UTF_8)) == Json.Kind.OBJECT);
  }

  /// The one shape of failures.
  static void failure(ObjectNode response, String code, String message) {
    var media = response.putObject("content").putObject(Response.JSON);
    media.putObject("schema").put("$ref", "#/components/schemas/Failure");
    var example = media.putObject("example");
    example.putObject("error").put("code", code).put("message", message).putObject("details");
    example.put("request_id", SAMPLE_ID);
  }

  private static void common(ObjectNode responses, int status, String code, String message) {
    var response = responses.putObject(Integer.toString(status));
    failure(response.put("description", code + ": " + message), code, message);
  }

  private static ObjectNode fields(JsonNode value) {
    var schema = schema(value);
    if (value.isObject()) {
      var properties = schema.putObject("properties");
      value.properties().forEach(field -> properties.set(field.getKey(), schema(field.getValue())));
    }
    return schema;
  }

  private static ObjectNode schema(JsonNode value) {
    var schema = Json.mapper().createObjectNode();
    return switch (value.getNodeType()) {
      case OBJECT -> schema.put("type", "object");
      case ARRAY -> schema.put("type", "array");
      case STRING -> schema.put("type", "string");
      case BOOLEAN -> schema.put("type", "boolean");
      case NUMBER -> schema.put("type", "number");
      case BINARY, MISSING, NULL, POJO -> schema;
    };
  }

  private static void failureSchema(ObjectNode schema) {
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
