package dev.millrace.gateway.wse;

import dev.millrace.gateway.auth.Admission;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;

/// A caller that is not let in: it is told why in a frame and closed, because clients cannot see
/// the answer to a handshake. On the connection's loop.
record Rejection(WebSocketConnection connection, SystemFrames frames, Admission.Rejected rejected)
    implements WebSocketListener {

  @Override
  public void opened() {
    connection.write(frames.denial(rejected.code(), rejected.message(), hint()));
    connection.close(rejected.closeCode(), rejected.closeReason());
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    // It is being closed; what it still says concerns nobody.
  }

  private String hint() {
    return switch (rejected.status()) {
      case 401 ->
          "Connect with a sound token in the cookie access_token or the Authorization header";
      case 403 -> "Ask whoever runs this server for access";
      default -> "Try again in a few seconds";
    };
  }
}
