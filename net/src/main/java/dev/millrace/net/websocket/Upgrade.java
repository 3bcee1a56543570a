package dev.millrace.net.websocket;

import dev.millrace.core.route.Response;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/// What becomes of a WebSocket handshake.
public sealed interface Upgrade {

  /// 101. `listener` makes the listener of the new connection, on its loop, before `opened`; it
  /// closes over what it needs of the request, because the connection keeps nothing of it.
  record Accept(Function<WebSocketConnection, WebSocketListener> listener, WebSocketLimits limits)
      implements Upgrade {}

  /// An HTTP answer instead.
  record Refuse(Response response) implements Upgrade {}

  /// Nobody knows yet, and the client waits. `decision` may complete on any thread; what it gives
  /// is asked on the connection's loop, unless the client has left by then, and answers at once.
  record Later(CompletionStage<? extends Supplier<Upgrade>> decision) implements Upgrade {}
}
