package dev.millrace.control.noc;

import dev.millrace.net.websocket.WebSocketConnection;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;

/// What waits for one socket, bounded in messages and bytes. It is handed to the socket only as
/// fast as the socket takes it, so that all of it can be thrown away at once. Confined to the loop.
final class Outgoing {
  /// Bytes handed over before the socket is asked again whether it took them.
  private static final int WRITE_BYTES = 64 << 10;

  /// Bytes handed over in one turn of the loop, which others need too.
  private static final int TURN_BYTES = 128 << 10;

  private final WebSocketConnection connection;
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private long waitingBytes;

  Outgoing(WebSocketConnection connection) {
    this.connection = connection;
  }

  /// Adds a frame, or says that there is no room. A single one always fits.
  boolean offer(byte[] frame, NocSpec limits) {
    if (waiting.size() >= limits.nocQueueMessages()
        || (!waiting.isEmpty() && waitingBytes + frame.length > limits.nocQueueBytes().bytes())) {
      return false;
    }
    waiting.add(frame);
    waitingBytes += frame.length;
    return true;
  }

  /// Adds a frame in front of everything, whatever waits.
  void addFirst(byte[] frame) {
    waiting.addFirst(frame);
    waitingBytes += frame.length;
  }

  /// Hands over what the socket takes, within the bound of a turn. True if it would take more.
  boolean write() {
    long written = 0;
    while (!waiting.isEmpty() && connection.unfinished() == 0) {
      if (written >= TURN_BYTES) {
        return true;
      }
      written += writeSome();
      connection.flush();
    }
    return false;
  }

  int messages() {
    return waiting.size();
  }

  long bytes() {
    return waitingBytes;
  }

  void clear() {
    waiting.clear();
    waitingBytes = 0;
  }

  private long writeSome() {
    long some = 0;
    while (some < WRITE_BYTES && !waiting.isEmpty()) {
      var frame = waiting.remove();
      some += frame.length;
      connection.write(Unpooled.wrappedBuffer(frame));
    }
    waitingBytes -= some;
    return some;
  }
}
