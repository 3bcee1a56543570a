package dev.millrace.gateway.http;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// What every answer gets: the request id, and in failures also inside the body.
final class Answers {
  private Answers() {}

  static Response finished(Response response, String requestId) {
    return withIdInFailure(response, requestId)
        .withHeader(RequestIds.HEADER, requestId)
        .withHeader("X-Content-Type-Options", "nosniff");
  }

  private static Response withIdInFailure(Response response, String requestId) {
    if (response.status() < 400 || !response.contentType().startsWith(Response.JSON)) {
      return response;
    }
    try {
      if (Json.tree(response.body()) instanceof ObjectNode body
          && body.has("error")
          && !body.has("request_id")) {
        body.put("request_id", requestId);
        return new Response(
            response.status(), response.contentType(), Json.bytes(body), response.headers());
      }
    } catch (JacksonException notJson) {
      return response; // a handler's own body; it goes out as it is
    }
    return response;
  }
}
