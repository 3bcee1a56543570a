package dev.millrace.gateway.wse;

import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;

/// One connection too many: it is told so and closed.
record Overload(WebSocketConnection connection, SystemFrames frames) implements WebSocketListener {
  private static final int OVERLOAD = 4503;

  @Override
  public void opened() {
    var message = "The server has as many connections as it takes";
    connection.write(frames.error("SERVER_OVERLOAD", message, false, null, null));
    connection.close(OVERLOAD, message);
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    // It is being closed; what it still says concerns nobody.
  }
}
