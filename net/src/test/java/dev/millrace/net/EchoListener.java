package dev.millrace.net;

import dev.millrace.net.websocket.Frames;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;

/// Sends every message back.
public final class EchoListener implements WebSocketListener {
  private final WebSocketConnection connection;

  public EchoListener(WebSocketConnection connection) {
    this.connection = connection;
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    int bytes = payload.readableBytes();
    var frame = connection.loop().allocator().buffer(10 + bytes);
    Frames.writeHeader(frame, text, bytes);
    frame.writeBytes(payload, payload.readerIndex(), bytes);
    connection.write(frame);
  }
}
