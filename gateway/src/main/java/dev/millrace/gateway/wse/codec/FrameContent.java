package dev.millrace.gateway.wse.codec;

import dev.millrace.hub.FrameReader;
import dev.millrace.hub.FrameView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Reads what stands in a data frame of this server's, whatever form it went into its log in: the
/// category, where there is one, and the JSON. For filters, and for whoever frames it anew. Safe
/// from several loops at a time, each of which lends what it needs for one frame; as many as there
/// are loops stay for the life of the process.
public final class FrameContent implements FrameReader<byte[]> {
  public static final FrameContent INSTANCE = new FrameContent();

  private static final int MOST = 1 << 20; // of the longest message
  private static final int MARK = 2; // a letter and a colon

  private final ConcurrentLinkedQueue<Decompressor> idle = new ConcurrentLinkedQueue<>();

  private FrameContent() {}

  /// Bytes of the WebSocket header of the unmasked frame that begins at `start`. Source: RFC 6455,
  /// section 5.2.
  public static int headerBytes(ByteBuf frame, int start) {
    return switch (frame.getByte(start + 1)) {
      case 126 -> 4;
      case 127 -> 10;
      default -> 2;
    };
  }

  /// Whether the frame is a text.
  public static boolean isText(ByteBuf frame) {
    return (frame.getByte(frame.readerIndex()) & 0xF) == 1;
  }

  /// The letter in front of the colon of a content that begins at `at` and is compressed or packed,
  /// 0 for plain ones.
  public static char mark(ByteBuf frame, int at) {
    return frame.getByte(at + 1) == ':' ? (char) frame.getByte(at) : 0;
  }

  @Override
  public byte[] read(FrameView frame) {
    int header = headerBytes(frame.buffer(), frame.start());
    int from = frame.start() + header;
    int length = frame.length() - header;
    var bytes = ByteBufUtil.getBytes(frame.buffer(), from, length);
    return switch (mark(frame.buffer(), from)) {
      case 'C' -> inflated(bytes);
      case 'M' -> plain(new MessagePackReader().json(bytes, MARK, bytes.length));
      default -> bytes;
    };
  }

  @Override
  public int bytes(byte[] read, FrameView frame) {
    return read.length;
  }

  private byte[] inflated(byte[] bytes) {
    var lent = idle.poll();
    var decompressor = lent == null ? new Decompressor(MOST) : lent;
    try {
      return decompressor.inflate(bytes, MARK, bytes.length) instanceof Unframed.Text(var text)
          ? text
          : plain(null);
    } finally {
      idle.add(decompressor);
    }
  }

  private static byte[] plain(byte @Nullable [] json) {
    if (json == null) {
      throw new IllegalStateException("a frame of this server's own cannot be read back");
    }
    return json;
  }
}
