package dev.millrace.gateway.http;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.net.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the body of a route must be, as its documented example shows it. What the fields mean is
/// the handler's business.
enum BodyRule {
  /// Whatever the handler makes of it. Publishing is among these: its body is read where it is cut
  /// into payloads, and tools that say nothing sensible about the type of what they send are let
  /// in.
  ANY,
  /// One JSON object, said to be JSON. An empty body is the handler's to judge.
  JSON_OBJECT;

  static BodyRule of(Route route) {
    var example = route.docs().requestExample();
    if (example == null || route.surface() == Surface.PUBLISH) {
      return ANY;
    }
    var kind = Json.kindOf(example.getBytes(StandardCharsets.UTF_8));
    return kind == Json.Kind.OBJECT ? JSON_OBJECT : ANY;
  }

  /// Why the body is refused, or null. Reads it to its end, so not on a loop.
  @Nullable Response objection(RequestHead head, byte[] body) {
    if (this == ANY || body.length == 0) {
      return null;
    }
    if (!isJson(head.header("content-type").orElse(""))) {
      return Response.failure(
          415, "UNSUPPORTED_MEDIA_TYPE", "send the body with Content-Type: application/json");
    }
    var kind = Json.kindOf(body);
    if (kind == null) {
      return Response.failure(400, "BAD_JSON", "the body is not JSON: " + Json.complaint(body));
    }
    return kind == Json.Kind.OBJECT
        ? null
        : Response.failure(400, "BAD_JSON", "the body is JSON and not an object");
  }

  private static boolean isJson(String contentType) {
    int parameters = contentType.indexOf(';');
    var type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return type.strip().toLowerCase(Locale.ROOT).equals(Response.JSON);
  }
}
