package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.jspecify.annotations.Nullable;

/// The sockets of one load, all on the thread that turns it. A connection that fails is closed and
/// counted; the load decides what that means.
final class SocketLoop implements AutoCloseable {
  static final long SLICE_MILLIS = 10;

  private static final int SCRATCH_BYTES = 256 * 1024;

  private final Selector selector = Selector.open();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
  private int opened;
  private int dead;
  private @Nullable IOException firstDeath;

  SocketLoop() throws IOException {}

  Selector selector() {
    return selector;
  }

  /// Connections that have become open so far.
  int opened() {
    return opened;
  }

  /// Connections that failed.
  int dead() {
    return dead;
  }

  @Nullable IOException firstDeath() {
    return firstDeath;
  }

  @Nullable String firstComplaint() {
    return firstDeath == null ? null : firstDeath.getMessage();
  }

  /// One look at the sockets, waiting at most `millis`.
  void turn(long millis) throws IOException {
    if (millis == 0) {
      selector.selectNow(this::serve);
    } else {
      selector.select(this::serve, millis);
    }
  }

  /// Ends a load that no connection may fail in.
  ///
  /// @throws IOException if one has failed
  void requireAllAlive() throws IOException {
    if (firstDeath != null) {
      throw new IOException(
          "after %d connections: %s".formatted(opened, firstDeath.getMessage()), firstDeath);
    }
  }

  @Override
  public void close() throws IOException {
    for (var key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  private void serve(SelectionKey key) {
    var connection = (Connection) key.attachment();
    try {
      if (connection.turn(scratch)) {
        opened++;
      }
    } catch (IOException failure) {
      dead++;
      if (firstDeath == null) {
        firstDeath = failure;
      }
      connection.close();
    }
  }
}
