package dev.millrace.gateway.wse.codec;

import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import java.util.zip.Deflater;

/// Writes compressed frames: `C:` and one zlib stream of category and JSON, made directly in the
/// buffer it goes out from. Source of the stream: RFC 1950. Confined to one loop, and closed with
/// it.
public final class Compressor implements AutoCloseable {
  private static final int MARK = 2; // the letter and the colon

  private final Deflater deflater;

  /// `level` is 1 (fast) to 9 (small).
  public Compressor(int level) {
    this.deflater = new Deflater(level);
  }

  /// Appends one binary WebSocket frame with what is readable in `plain`, category and JSON, whose
  /// indexes stay. Returns false, with `out` as it was, when that is not more than `threshold`
  /// bytes, or would not become smaller; then it goes out as it is.
  public boolean appendFrame(ByteBuf plain, int threshold, ByteBuf out) {
    int length = plain.readableBytes();
    int most = length - 1; // of the payload, so that the frame is smaller
    if (length <= threshold || most <= MARK) {
      return false;
    }
    int reserved = Frames.headerBytes(most);
    int start = out.writerIndex();
    out.ensureWritable(reserved + most);
    int streamed = deflate(plain, out, start + reserved + MARK, most - MARK);
    if (streamed < 0) {
      return false;
    }
    int payload = MARK + streamed;
    int header = Frames.headerBytes(payload);
    if (header < reserved) {
      var frame = out.internalNioBuffer(start, reserved + payload);
      int at = frame.position();
      frame.put(at + header + MARK, frame, at + reserved + MARK, streamed);
    }
    Frames.writeHeader(out, false, payload);
    out.writeByte('C').writeByte(':');
    out.writerIndex(start + header + payload);
    return true;
  }

  /// Bytes of the stream, written at `at`; -1 if they would be more than `most`.
  private int deflate(ByteBuf plain, ByteBuf out, int at, int most) {
    try {
      deflater.setInput(plain.nioBuffer());
      deflater.finish();
      var target = out.internalNioBuffer(at, most);
      int from = target.position();
      while (!deflater.finished()) {
        if (!target.hasRemaining() || deflater.deflate(target) == 0) {
          return -1;
        }
      }
      return target.position() - from;
    } finally {
      deflater.reset(); // lets go of the plain bytes, too
    }
  }

  @Override
  public void close() {
    deflater.close();
  }
}
