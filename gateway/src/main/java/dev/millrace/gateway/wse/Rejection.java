package dev.millrace.gateway.wse;

import dev.millrace.gateway.auth.Admission;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;

/// A caller that is not let in: it is told why in a frame and closed, because clients cannot see
/// the answer to a handshake. On the connection's loop.
record Rejection(WebSocketConnection connection, SystemFrames frames, Admission.Rejected rejected)
    implements WebSocketListener {

  private static final String FOREIGN = "ORIGIN_NOT_ALLOWED";

  @Override
  public void opened() {
    boolean foreign = rejected.code().equals(FOREIGN);
    var message = foreign ? "Origin not allowed" : rejected.message();
    connection.write(
        frames.denial(rejected.code(), message, foreign ? rejected.message() : hint()));
    connection.close(rejected.closeCode(), foreign ? message : rejected.closeReason());
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
