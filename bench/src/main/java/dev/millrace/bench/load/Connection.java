package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's end of one WebSocket connection, from the first packet to the last. Confined to the
/// load's thread.
abstract sealed class Connection permits Subscriber, Publisher {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);
  private static final String KEY = Base64.getEncoder().encodeToString(new byte[16]);
  private static final int MASK = 0x5A17C3E9; // any; a server must undo it

  final SocketChannel socket;
  final SelectionKey key;
  private final Target target;
  private final String path;
  private State state = State.CONNECTING;
  private @Nullable ByteBuffer unread;

  Connection(Target target, String path, Selector selector) throws IOException {
    this.target = target;
    this.path = path;
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

  /// Handles the whole frames in `[at, end)`; returns where the first unfinished one begins.
  abstract int consume(ByteBuffer bytes, int at, int end) throws IOException;

  /// The socket takes bytes again.
  abstract void writable() throws IOException;

  boolean isAlive() {
    return state != State.CLOSED;
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

  /// Answers a ping or application-level message, masked as a client must.
  void reply(int opcode, ByteBuffer payload) throws IOException {
    int length = payload.remaining();
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES + length);
    FrameHeader.writeMasked(out, opcode, length, MASK);
    int start = out.position();
    out.put(payload);
    Mask.apply(out, start, length, MASK);
    socket.write(out.flip());
    if (out.hasRemaining()) {
      throw new IOException("the server does not read: " + path + " could not send a reply");
    }
  }

  /// A control frame: answers a ping, ends on a close.
  final void control(ByteBuffer bytes, int at, long header) throws IOException {
    var payload =
        bytes.slice(at + FrameHeader.headerBytes(header), FrameHeader.payloadBytes(header));
    switch (FrameHeader.opcode(header)) {
      case FrameHeader.PING -> reply(FrameHeader.PONG, payload);
      case FrameHeader.CLOSE ->
          throw new ProtocolException(
              "the server closed " + path + (payload.remaining() >= 2 ? closeReason(payload) : ""));
      default -> {} // a pong asks for nothing
    }
  }

  final int mask() {
    return MASK;
  }

  private boolean read(ByteBuffer scratch) throws IOException {
    scratch.clear();
    if (unread != null) {
      scratch.put(unread);
      unread = null;
    }
    if (socket.read(scratch) < 0) {
      throw new IOException("the server ended " + path);
    }
    int end = scratch.position();
    int at = 0;
    boolean opened = false;
    if (state == State.GREETING) {
      at = greeted(scratch, end);
      opened = state == State.OPEN;
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
    var request = Handshake.request(target.host(), path, KEY);
    socket.write(request);
    if (request.hasRemaining()) {
      throw new IOException("a fresh socket did not take the handshake");
    }
    state = State.GREETING;
    key.interestOps(SelectionKey.OP_READ);
  }

  private int greeted(ByteBuffer bytes, int end) throws IOException {
    int headEnd = Handshake.headEnd(bytes, 0, end);
    if (headEnd < 0) {
      return 0;
    }
    var head = Handshake.head(bytes, 0, headEnd);
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new ProtocolException("the server refused " + path + ": " + head.lines().findFirst());
    }
    if (!Handshake.acceptFor(KEY).equals(Handshake.header(head, "Sec-WebSocket-Accept"))) {
      throw new ProtocolException("the server's Sec-WebSocket-Accept is not the answer to the key");
    }
    state = State.OPEN;
    return headEnd;
  }

  private IOException nobodyListens(ConnectException refused) {
    return new IOException("nobody listens on " + target.host(), refused);
  }

  private static String closeReason(ByteBuffer payload) {
    return " with "
        + (payload.getShort(0) & 0xFFFF)
        + ' '
        + Handshake.head(payload, 2, payload.limit());
  }

  private enum State {
    CONNECTING,
    GREETING,
    OPEN,
    CLOSED
  }
}
