package dev.millrace.net.websocket;

import dev.millrace.core.route.Response;
import java.util.function.Function;

/// What becomes of a WebSocket handshake.
public sealed interface Upgrade {

  /// 101. `listener` makes the listener of the new connection, on its loop, before `opened`; it
  /// closes over what it needs of the request, because the connection keeps nothing of it.
  record Accept(Function<WebSocketConnection, WebSocketListener> listener, WebSocketLimits limits)
      implements Upgrade {}

  /// An HTTP answer instead.
  record Refuse(Response response) implements Upgrade {}
}
