package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/// Publishes `{"m":"…"}` of a fixed size, numbered from 0. Confined to the load's thread.
final class Publisher extends Connection {
  static final int PREFIX_BYTES = 6;

  private static final int OUT_BYTES = 256 * 1024;

  private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
  private final byte[] payload;
  private int published;

  Publisher(Target target, Selector selector, int payloadBytes) throws IOException {
    super(target, target.publishPath(), selector);
    payload =
        ("{\"m\":\"" + "x".repeat(payloadBytes - PREFIX_BYTES - 2) + "\"}")
            .getBytes(StandardCharsets.US_ASCII);
  }

  /// Messages published so far; the next one has this number.
  int published() {
    return published;
  }

  /// Puts one message, due at `nanos`, into the output if there is room for it.
  boolean offer(long nanos) {
    if (out.remaining() < FrameHeader.MAX_HEADER_BYTES + payload.length) {
      return false;
    }
    FrameHeader.writeMasked(out, FrameHeader.TEXT, payload.length, mask());
    int start = out.position();
    out.put(payload);
    Marker.write(out, start + PREFIX_BYTES, published++, nanos);
    Mask.apply(out, start, payload.length, mask());
    return true;
  }

  /// Writes what was offered, as far as the socket takes it.
  void flush() throws IOException {
    out.flip();
    socket.write(out);
    key.interestOps(
        out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    out.compact();
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
