package dev.millrace.bench.load;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;

/// A subscriber that takes only as many bytes as it is allowed, and looks at none of them. Confined
/// to the load's thread.
final class SlowReader extends WebSocketConnection {
  private static final int RECEIVE_BUFFER_BYTES = 64 * 1024; // little hides in the system

  private long taken;

  SlowReader(Target target, String path, Selector selector) throws IOException {
    super(target, path, selector);
    socket.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
  }

  /// Takes bytes until it has taken `allowed` of them since it opened, as far as there are any.
  /// Returns how many it took now.
  ///
  /// @throws IOException if the server has ended it
  int takeUpTo(long allowed, ByteBuffer scratch) throws IOException {
    int room = (int) Math.min(scratch.capacity(), allowed - taken);
    if (room <= 0) {
      return 0;
    }
    int read = socket.read(scratch.clear().limit(room));
    if (read < 0) {
      ended();
    }
    taken += Math.max(0, read);
    return Math.max(0, read);
  }

  /// Only what came with the handshake.
  @Override
  int consume(ByteBuffer bytes, int at, int end) {
    key.interestOps(0);
    taken += end - at;
    return end;
  }

  @Override
  void writable() {
    // It says nothing.
  }
}
