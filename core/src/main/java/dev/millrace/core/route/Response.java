package dev.millrace.core.route;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An HTTP answer. `headers` are in addition to `Content-Type` and `Content-Length`. With `file`
/// the body is that file's content, sent as the peer takes it, and `body` is empty; the file is
/// deleted when the answer has left or its client has.
public record Response(
    int status, String contentType, byte[] body, Map<String, String> headers, @Nullable Path file) {
  public static final String JSON = "application/json";

  public Response(int status, String contentType, byte[] body, Map<String, String> headers) {
    this(status, contentType, body, headers, null);
  }

  /// A temporary file as the body.
  public static Response temporaryFile(String contentType, Path file) {
    return new Response(200, contentType, new byte[0], Map.of(), file);
  }

  public static Response json(int status, JsonNode body) {
    return new Response(status, JSON, Json.bytes(body), Map.of());
  }

  public static Response json(int status, String body) {
    return new Response(status, JSON, body.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  public static Response text(int status, String body) {
    return new Response(
        status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  public static Response empty(int status) {
    return new Response(status, "text/plain; charset=utf-8", new byte[0], Map.of());
  }

  /// A failure in the one shape that every route uses, without details.
  public static Response failure(int status, String code, String message) {
    return failure(status, code, message, Json.mapper().createObjectNode());
  }

  /// A failure in the one shape that every route uses; the gateway adds `request_id`.
  public static Response failure(int status, String code, String message, JsonNode details) {
    var body = Json.mapper().createObjectNode();
    body.putObject("error").put("code", code).put("message", message).set("details", details);
    return json(status, body);
  }

  public Response withHeader(String name, String value) {
    var more = new java.util.LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, contentType, body, more, file);
  }
}
