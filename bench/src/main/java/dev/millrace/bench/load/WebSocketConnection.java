package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// A client's end of a WebSocket: the handshake, control frames, answers. Confined to the load's
/// thread.
abstract sealed class WebSocketConnection extends Connection
    permits Subscriber, Publisher, SlowReader, Talker, Visitor {
  static final int MASK = 0x5A17C3E9; // any; a server must undo it

  private static final String KEY = Base64.getEncoder().encodeToString(new byte[16]);
  private static final byte[] APPLICATION_PING = ascii("\"t\":\"PING\"");
  private static final byte[] APPLICATION_PONG = ascii("{\"t\":\"PONG\",\"p\":{}}");

  WebSocketConnection(Target target, String path, Selector selector) throws IOException {
    super(target, path, Handshake.request(target.host(), path, KEY, target.token()), selector);
  }

  @Override
  final int greeted(ByteBuffer bytes, int end) throws IOException {
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
    return headEnd;
  }

  /// Answers a ping or application-level message, masked as a client must.
  void reply(int opcode, ByteBuffer payload) throws IOException {
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES + payload.remaining());
    append(out, opcode, payload);
    socket.write(out.flip());
    if (out.hasRemaining()) {
      throw doesNotRead();
    }
  }

  /// The same for a connection with output of its own: in turn, so that it does not fall into the
  /// middle of a frame.
  final void replyBehind(Outgoing out, int opcode, ByteBuffer payload) throws IOException {
    if (!out.hasRoomFor(FrameHeader.MAX_HEADER_BYTES + payload.remaining())) {
      throw doesNotRead();
    }
    append(out.bytes, opcode, payload);
    out.flush(socket, key);
  }

  /// Answers the message in `[from, to)` if it is a ping of the dialect.
  final void replyIfPing(ByteBuffer bytes, int from, int to) throws IOException {
    if (contains(bytes, from, to, APPLICATION_PING)) {
      reply(FrameHeader.TEXT, ByteBuffer.wrap(APPLICATION_PONG));
    }
  }

  /// A control frame: answers a ping, ends on a close.
  final void control(ByteBuffer bytes, int at, long header) throws IOException {
    var payload =
        bytes.slice(at + FrameHeader.headerBytes(header), FrameHeader.payloadBytes(header));
    switch (FrameHeader.opcode(header)) {
      case FrameHeader.PING -> reply(FrameHeader.PONG, payload);
      case FrameHeader.CLOSE -> closing(payload);
      default -> {} // a pong asks for nothing
    }
  }

  /// The server has begun, or answered, the closing handshake.
  void closing(ByteBuffer payload) throws IOException {
    throw new ProtocolException(
        "the server closed " + path + (payload.remaining() >= 2 ? closeReason(payload) : ""));
  }

  static boolean contains(ByteBuffer bytes, int from, int to, byte[] what) {
    var wanted = ByteBuffer.wrap(what);
    for (int at = from; at + what.length <= to; at++) {
      if (bytes.get(at) == what[0] && bytes.slice(at, what.length).equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private IOException doesNotRead() {
    return new IOException("the server does not read: " + path + " could not send a reply");
  }

  private static void append(ByteBuffer out, int opcode, ByteBuffer payload) {
    int length = payload.remaining();
    FrameHeader.writeMasked(out, opcode, length, MASK);
    int start = out.position();
    out.put(payload);
    Mask.apply(out, start, length, MASK);
  }

  private static String closeReason(ByteBuffer payload) {
    return " with "
        + (payload.getShort(0) & 0xFFFF)
        + ' '
        + Handshake.head(payload, 2, payload.limit());
  }
}
