package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.websocket.Upgrade;

/// What a listener serves. Both calls come on the connection's loop and must not block.
public interface HttpService {

  /// A whole request. [HttpExchange#respond] must be called exactly once, then or later, from any
  /// thread; until then the connection reads nothing more.
  void serve(HttpExchange exchange);

  /// A handshake that is sound in itself; decides at once.
  Upgrade upgrade(RequestHead request);

  /// The answer to input that never became a request: garbage, over a limit, too slow.
  default Response malformed(int status, String code, String message) {
    return Response.failure(status, code, message);
  }
}
