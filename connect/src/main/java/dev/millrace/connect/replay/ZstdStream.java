package dev.millrace.connect.replay;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/// The content of a file of zstd frames (RFC 8878). Unlike the library's own stream it gives out
/// every byte that can be decoded before it reports, with an [EOFException], that the file ends in
/// the middle of a frame. Confined to one thread; enters native code.
final class ZstdStream extends InputStream {
  private final ReadableByteChannel channel;
  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private final ByteBuffer in = ByteBuffer.allocateDirect(128 << 10).limit(0);
  private final ByteBuffer out = ByteBuffer.allocateDirect(256 << 10).limit(0);
  private boolean frameComplete = true;
  private boolean inputEnded;

  ZstdStream(ReadableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!out.hasRemaining()) {
      if (!decodeMore()) {
        return -1;
      }
    }
    int count = Math.min(length, out.remaining());
    out.get(bytes, offset, count);
    return count;
  }

  @Override
  public void close() throws IOException {
    context.close();
    channel.close();
  }

  /// False at the end of the last frame.
  private boolean decodeMore() throws IOException {
    if (!in.hasRemaining() && !inputEnded) {
      in.clear();
      inputEnded = channel.read(in) < 0;
      in.flip();
    }
    if (!in.hasRemaining() && frameComplete) {
      return !inputEnded;
    }
    out.clear();
    int before = in.position();
    try {
      frameComplete = context.decompressDirectByteBufferStream(out, in);
    } catch (ZstdException broken) {
      out.limit(0);
      throw new IOException("the compressed data are damaged: " + broken.getMessage(), broken);
    }
    out.flip();
    if (inputEnded && !out.hasRemaining() && in.position() == before && !frameComplete) {
      throw new EOFException("the file ends in the middle of a compressed frame");
    }
    return true;
  }
}
