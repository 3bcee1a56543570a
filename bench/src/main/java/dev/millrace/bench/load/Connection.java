package dev.millrace.bench.load;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's end of one connection, from the first packet to the last: it greets, the server
/// answers, and then it is open. Confined to the load's thread.
abstract sealed class Connection permits WebSocketConnection, RedisConnection {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  final SocketChannel socket;
  final SelectionKey key;

  /// What the server knows it by, for complaints.
  final String path;

  private final Target target;
  private final ByteBuffer greeting;
  private State state = State.CONNECTING;
  private @Nullable ByteBuffer unread;

  Connection(Target target, String path, ByteBuffer greeting, Selector selector)
      throws IOException {
    this.target = target;
    this.path = path;
    this.greeting = greeting;
    socket = SocketChannel.open();
    socket.configureBlocking(false);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    key = socket.register(selector, SelectionKey.OP_CONNECT, this);
    try {
      if (socket.connect(target.address())) {
        connected();
      }
    } catch (ConnectException refused) {
      throw nobodyListens(refused);
    }
  }

  /// Where in `[0, end)` the answer to the greeting ends, 0 while it has not all come.
  abstract int greeted(ByteBuffer bytes, int end) throws IOException;

  /// Handles the whole frames in `[at, end)`; returns where the first unfinished one begins.
  abstract int consume(ByteBuffer bytes, int at, int end) throws IOException;

  /// The socket takes bytes again.
  abstract void writable() throws IOException;

  public boolean isAlive() {
    return state != State.CLOSED;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /// Does what the selector found possible; `scratch` is the loop's read buffer. Says whether this
  /// made the connection open.
  boolean turn(ByteBuffer scratch) throws IOException {
    if (key.isConnectable()) {
      try {
        socket.finishConnect();
      } catch (ConnectException refused) {
        throw nobodyListens(refused);
      }
      connected();
      return false;
    }
    if (key.isWritable()) {
      writable();
    }
    return key.isReadable() && read(scratch);
  }

  void close() {
    state = State.CLOSED;
    key.cancel();
    try {
      socket.close();
    } catch (IOException failure) {
      // It is counted as dead already; that is all there is to know about it.
      log.warn("Closing the connection to {} failed", path, failure);
    }
  }

  /// The server has ended the connection in order.
  void ended() throws IOException {
    throw new IOException("the server ended " + path);
  }

  private boolean read(ByteBuffer scratch) throws IOException {
    scratch.clear();
    if (unread != null) {
      scratch.put(unread);
      unread = null;
    }
    if (socket.read(scratch) < 0) {
      ended();
      return false;
    }
    int end = scratch.position();
    int at = 0;
    boolean opened = false;
    if (state == State.GREETING) {
      at = greeted(scratch, end);
      opened = at > 0;
      state = opened ? State.OPEN : State.GREETING;
    }
    if (state == State.OPEN) {
      at = consume(scratch, at, end);
    }
    if (at < end) {
      unread = ByteBuffer.allocate(end - at).put(scratch.limit(end).position(at)).flip();
    }
    return opened;
  }

  private void connected() throws IOException {
    socket.write(greeting);
    if (greeting.hasRemaining()) {
      throw new IOException("a fresh socket did not take the greeting");
    }
    state = State.GREETING;
    key.interestOps(SelectionKey.OP_READ);
  }

  private IOException nobodyListens(ConnectException refused) {
    return new IOException("nobody listens on " + target.host(), refused);
  }

  private enum State {
    CONNECTING,
    GREETING,
    OPEN,
    CLOSED
  }
}
