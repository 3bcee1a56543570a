package dev.millrace.net.websocket;

import io.netty.buffer.ByteBuf;

/// What one WebSocket connection tells whoever opened it. All calls come on the connection's loop,
/// one at a time, and must not block. An exception closes the connection with 1011 and is counted.
public interface WebSocketListener {

  /// The handshake is done and writing is allowed. First call, exactly once.
  default void opened() {}

  /// One whole message, fragments joined, text checked to be UTF-8. `payload` is valid during the
  /// call only: copy what must stay. Its reader index to writer index are the message's bytes.
  void message(boolean text, ByteBuf payload);

  /// All messages of one read have been given; work on what was collected.
  default void readComplete() {}

  /// A write that [WebSocketConnection#flush] left unfinished has completed.
  default void writable() {}

  /// Nothing comes any more and writes go nowhere. Last call, exactly once, never from inside a
  /// call to the connection.
  ///
  /// `code` is the peer's close code, or [CloseCode#NO_CODE] when its close frame had none; the
  /// code this half closed with, if it closed first; [CloseCode#ABNORMAL] when the peer went away
  /// without a close frame.
  default void closed(int code, String reason) {}
}
