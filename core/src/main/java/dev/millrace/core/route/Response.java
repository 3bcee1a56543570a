package dev.millrace.core.route;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An HTTP answer. `headers` are in addition to `Content-Type` and those that say where the body
/// ends. With a `source` the body comes from there, as the peer takes it, and `body` is empty.
public record Response(
    int status,
    String contentType,
    byte[] body,
    Map<String, String> headers,
    @Nullable Source source) {
  public static final String JSON = "application/json";

  /// Where a body comes from that is not in memory. Whatever becomes of the answer, it is disposed
  /// of once: the file deleted, the stream closed.
  public sealed interface Source {
    record TemporaryFile(Path file) implements Source {}

    record Live(BodyStream stream) implements Source {}
  }

  public Response(int status, String contentType, byte[] body, Map<String, String> headers) {
    this(status, contentType, body, headers, null);
  }

  /// A temporary file as the body.
  public static Response temporaryFile(String contentType, Path file) {
    return new Response(200, contentType, new byte[0], Map.of(), new Source.TemporaryFile(file));
  }

  /// A body without a length that is made while it is sent, and kept by nobody on the way.
  public static Response live(String contentType, BodyStream stream) {
    return new Response(
        200,
        contentType,
        new byte[0],
        Map.of("Cache-Control", "no-store"),
        new Source.Live(stream));
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
    return new Response(status, contentType, body, more, source);
  }
}
