package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;

/// Publishes over a WebSocket: one frame per message. Confined to the load's thread.
final class Publisher extends WebSocketConnection implements Publishing {
  private static final int RESERVED_BYTES = 4_096; // for answers to pings

  private final Outgoing out = new Outgoing();
  private final byte[] payload;
  private int published;

  Publisher(Target target, String path, Selector selector, int payloadBytes) throws IOException {
    super(target, path, selector);
    payload = Publishing.payload(payloadBytes);
  }

  @Override
  public int published() {
    return published;
  }

  @Override
  public boolean offer(long nanos) {
    if (!out.hasRoomFor(RESERVED_BYTES + FrameHeader.MAX_HEADER_BYTES + payload.length)) {
      return false;
    }
    FrameHeader.writeMasked(out.bytes, FrameHeader.TEXT, payload.length, MASK);
    int start = out.bytes.position();
    out.bytes.put(payload);
    Marker.write(out.bytes, start + PREFIX_BYTES, published++, nanos);
    Mask.apply(out.bytes, start, payload.length, MASK);
    return true;
  }

  @Override
  public void flush() throws IOException {
    out.flush(socket, key);
  }

  @Override
  void reply(int opcode, ByteBuffer payload) throws IOException {
    replyBehind(out, opcode, payload);
  }

  @Override
  void writable() throws IOException {
    flush();
  }

  @Override
  int consume(ByteBuffer bytes, int at, int end) throws IOException {
    while (true) {
      long header = FrameHeader.read(bytes, at, end);
      if (header == FrameHeader.INCOMPLETE || end - at < FrameHeader.frameBytes(header)) {
        return at;
      }
      if (FrameHeader.opcode(header) >= FrameHeader.CLOSE) {
        control(bytes, at, header);
      } else {
        // Nothing was asked, so an answer is a complaint.
        throw new ProtocolException(
            "the server answered a publish: "
                + Handshake.head(
                    bytes,
                    at + FrameHeader.headerBytes(header),
                    at + FrameHeader.frameBytes(header)));
      }
      at += FrameHeader.frameBytes(header);
    }
  }
}
