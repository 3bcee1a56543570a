package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/// What a connection has yet to send: bounded, and written as far as the socket takes it. Confined
/// to the load's thread.
final class Outgoing {
  private static final int BYTES = 256 * 1024;

  /// Positioned where the next message goes.
  final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);

  boolean hasRoomFor(int more) {
    return bytes.remaining() >= more;
  }

  boolean isEmpty() {
    return bytes.position() == 0;
  }

  /// Writes to `socket`, and has `key` interested in writing while something is left.
  void flush(SocketChannel socket, SelectionKey key) throws IOException {
    bytes.flip();
    socket.write(bytes);
    key.interestOps(
        bytes.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    bytes.compact();
  }
}
