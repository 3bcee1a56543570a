package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;

/// A session that comes, is greeted, may stay, and leaves with the closing handshake; the server
/// ends the connection. Confined to the load's thread.
final class Visitor extends WebSocketConnection {
  private static final byte[] READY = ascii("\"server_ready\"");
  private static final byte[] SUBSCRIBED = ascii("\"subscription_update\"");
  private static final short NORMAL = 1000;

  private final Guests guests;
  private final boolean greets;
  private boolean greeted;
  private boolean leaving;
  private boolean answered;

  /// With `greets` the session is greeted when the server says `server_ready`, otherwise when the
  /// connection is open.
  Visitor(Target target, String path, Selector selector, Guests guests, boolean greets)
      throws IOException {
    super(target, path, selector);
    this.guests = guests;
    this.greets = greets;
  }

  @Override
  boolean turn(ByteBuffer scratch) throws IOException {
    boolean opened = super.turn(scratch);
    if (opened && !greets) {
      guests.ready(this);
    }
    return opened;
  }

  /// Begins the closing handshake.
  void leave() throws IOException {
    leaving = true;
    reply(FrameHeader.CLOSE, ByteBuffer.allocate(Short.BYTES).putShort(NORMAL).flip());
  }

  @Override
  int consume(ByteBuffer bytes, int at, int end) throws IOException {
    while (true) {
      long header = FrameHeader.read(bytes, at, end);
      if (header == FrameHeader.INCOMPLETE || end - at < FrameHeader.frameBytes(header)) {
        return at;
      }
      int next = at + FrameHeader.frameBytes(header);
      if (FrameHeader.opcode(header) >= FrameHeader.CLOSE) {
        control(bytes, at, header);
      } else {
        told(bytes, at + FrameHeader.headerBytes(header), next);
      }
      at = next;
    }
  }

  @Override
  void writable() {
    // What it says is short and rare.
  }

  @Override
  void closing(ByteBuffer payload) throws IOException {
    int code = payload.remaining() >= Short.BYTES ? payload.getShort(0) & 0xFFFF : 0;
    if (!leaving || code != NORMAL) {
      super.closing(payload);
    }
    answered = true;
  }

  @Override
  void ended() throws IOException {
    if (!answered) {
      throw new ProtocolException("the server ended " + path + " without a closing handshake");
    }
    close();
    guests.left++;
  }

  private void told(ByteBuffer bytes, int from, int to) throws IOException {
    if (greets && !greeted && contains(bytes, from, to, READY)) {
      greeted = true;
      guests.ready(this);
    } else if (contains(bytes, from, to, SUBSCRIBED)) {
      guests.subscribed++;
    } else if (!leaving) {
      replyIfPing(bytes, from, to);
    }
  }
}
