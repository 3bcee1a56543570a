package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.websocket.Upgrade;
import org.jspecify.annotations.Nullable;

/// What a listener serves. Both calls come on the connection's loop and must not block.
public interface HttpService {

  /// A whole request. [HttpExchange#respond] must be called exactly once, then or later, from any
  /// thread; until then the connection reads nothing more.
  void serve(HttpExchange exchange);

  /// A handshake that is sound in itself.
  Upgrade upgrade(RequestHead request);

  /// Why a request is refused before its body is read, or null where that is worth reading. Asked
  /// only where the body is long or does not say how long it is; the answer ends the connection.
  default @Nullable Response refusal(RequestHead request) {
    return null;
  }

  /// The answer to input that never became a request: garbage, over a limit, too slow.
  default Response malformed(int status, String code, String message) {
    return Response.failure(status, code, message);
  }
}
