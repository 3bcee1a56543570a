package dev.millrace.gateway.http;

import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import java.util.Map;

/// One WebSocket path of the route table; `path` may hold parameters: `/ws/publish/{topic}`.
/// `access` is the least role that may open it, `CLIENT` for any authenticated client; the summary
/// is what the documentation says about it.
public record WebSocketEndpoint(
    String path,
    Surface surface,
    Route.Access access,
    String summary,
    OriginPolicy origins,
    Opener opener) {

  /// Decides about one handshake, on the connection's loop; must not block. The origin has been
  /// checked already; path parameters are decoded. What becomes of a rejected caller is the
  /// dialect's: [Admission.Rejected#asRefusal] is the plain answer.
  @FunctionalInterface
  public interface Opener {
    Upgrade open(RequestHead request, Map<String, String> pathParameters, Admission admission);
  }
}
