package dev.millrace.gateway.wse.codec;

import dev.millrace.hub.Message;
import dev.millrace.hub.Reencoder;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Data frames for sessions that take compressed ones with the configured threshold: the frames of
/// another form, compressed where that makes them smaller. Each is compressed once, for all
/// sessions of the form; a compressed frame has no timestamp that could be renewed.
///
/// Called on several loops at a time, each of which lends a compressor for the time of one message.
/// Close it when no loop calls it any more.
public final class CompressedForm implements WireForm, AutoCloseable {
  private final WireForm plain;
  private final int level;
  private final int threshold;
  private final CompressedForm stamped;
  private final ConcurrentLinkedQueue<Compressor> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed; // written once, by close

  /// `level` is 1 (fast) to 9 (small); frames of more than `threshold` bytes, without their
  /// headers, are compressed.
  public CompressedForm(WireForm plain, int level, int threshold) {
    this.plain = plain;
    this.level = level;
    this.threshold = threshold;
    this.stamped =
        plain.stamped().equals(plain)
            ? this
            : new CompressedForm(plain.stamped(), level, threshold);
  }

  @Override
  public String name() {
    return plain.name() + "-zlib";
  }

  @Override
  public int sizeLimit(Message message) {
    return plain.sizeLimit(message);
  }

  @Override
  public int sizeLimit(Message message, Stamp stamp) {
    return plain.sizeLimit(message, stamp);
  }

  @Override
  public WireForm stamped() {
    return stamped;
  }

  @Override
  public boolean showsGaps() {
    return plain.showsGaps();
  }

  @Override
  public WireForm readable() {
    return plain.readable();
  }

  @Override
  public @Nullable Reencoder reencoderOf(WireForm canonical) {
    return canonical.readable().equals(readable()) ? EnvelopeReader.reencoder(this) : null;
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    int start = out.writerIndex();
    int timestampAt = plain.encode(message, stamp, out);
    int frame = out.writerIndex() - start;
    int payload = frame - headerBytes(frame);
    if (payload <= threshold) {
      return timestampAt;
    }
    var compressed = PooledByteBufAllocator.DEFAULT.buffer(frame);
    try {
      if (!compress(out.slice(out.writerIndex() - payload, payload), compressed)) {
        return timestampAt;
      }
      out.writerIndex(start).writeBytes(compressed);
      return -1;
    } finally {
      compressed.release();
    }
  }

  /// Appends the frame of a content if it is to be compressed and becomes smaller.
  private boolean compress(ByteBuf content, ByteBuf out) {
    if (content.readableBytes() <= threshold) {
      return false;
    }
    var lent = idle.poll();
    var compressor = lent == null ? new Compressor(level) : lent;
    try {
      return compressor.appendFrame(content, threshold, out);
    } finally {
      if (closed) {
        compressor.close();
      } else {
        idle.add(compressor);
      }
    }
  }

  /// Bytes of the header in front of a frame of so many bytes in all.
  private static int headerBytes(int frame) {
    int header = 2;
    while (Frames.headerBytes(frame - header) != header) {
      header = Frames.headerBytes(frame - header);
    }
    return header;
  }

  @Override
  public void close() {
    closed = true;
    if (!stamped.equals(this)) {
      stamped.close();
    }
    for (var compressor = idle.poll(); compressor != null; compressor = idle.poll()) {
      compressor.close();
    }
  }
}
