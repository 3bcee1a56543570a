package dev.millrace.gateway.http;

import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import java.util.Map;

/// One WebSocket path of the route table; `path` may hold parameters: `/ws/publish/{topic}`. The
/// summary is what the documentation says about it.
public record WebSocketEndpoint(String path, String summary, OriginPolicy origins, Opener opener) {

  /// Decides about one handshake, on the connection's loop; must not block. The origin has been
  /// checked already; path parameters are decoded.
  @FunctionalInterface
  public interface Opener {
    Upgrade open(RequestHead request, Map<String, String> pathParameters);
  }
}
