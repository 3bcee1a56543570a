package dev.millrace.gateway.http;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Response;
import dev.millrace.net.http.HttpExchange;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// Where the answer to one request goes, and what every answer gets: the request id, in failures
/// also inside the body, and what the browser of another origin needs to see it. Safe from any
/// thread.
record Reply(HttpExchange exchange, String id, Map<String, String> crossOrigin) {

  void send(Response response) {
    exchange.respond(finished(response, id, crossOrigin));
  }

  static Response finished(Response response, String id, Map<String, String> crossOrigin) {
    var answer =
        withIdInFailure(response, id)
            .withHeader(RequestIds.HEADER, id)
            .withHeader("X-Content-Type-Options", "nosniff");
    for (var header : crossOrigin.entrySet()) {
      answer = answer.withHeader(header.getKey(), header.getValue());
    }
    return answer;
  }

  private static Response withIdInFailure(Response response, String id) {
    if (response.status() < 400
        || response.source() != null
        || !response.contentType().startsWith(Response.JSON)) {
      return response;
    }
    try {
      if (Json.tree(response.body()) instanceof ObjectNode body
          && body.has("error")
          && !body.has("request_id")) {
        body.put("request_id", id);
        return new Response(
            response.status(), response.contentType(), Json.bytes(body), response.headers());
      }
    } catch (JacksonException notJson) {
      return response; // a handler's own body; it goes out as it is
    }
    return response;
  }
}
