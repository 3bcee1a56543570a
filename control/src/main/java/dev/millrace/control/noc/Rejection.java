package dev.millrace.control.noc;

import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// A caller that may not come in. Browsers cannot read a refused handshake, so it is completed, the
/// reason is said, and the socket is closed with `closeCode`.
record Rejection(WebSocketConnection connection, int closeCode, String code, String message)
    implements WebSocketListener {

  @Override
  public void opened() {
    connection.write(Unpooled.wrappedBuffer(NocFrames.error(null, code, message)));
    connection.close(closeCode, code);
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    // It is being closed; what it still says concerns nobody.
  }
}
