package dev.millrace.gateway.wse.codec;

import dev.millrace.hub.MadeFrame;
import dev.millrace.hub.Message;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Data frames for sessions that take compressed ones with the configured threshold: the frames of
/// another form, compressed where that makes them smaller. Each is compressed once, for all
/// sessions of the form; a compressed frame has no timestamp that could be renewed.
///
/// Long ones are compressed on threads of their own, and stay plain where those have too much to
/// do: [#encode] never compresses one. Called on several loops at a time, each of which lends a
/// compressor for the time of one message. Close it when no loop calls it any more.
public final class CompressedForm extends DerivedForm implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CompressedForm.class);

  private final int level;
  private final int threshold;
  private final CompressionThreads threads;
  private final ConcurrentLinkedQueue<Compressor> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed; // written once, by close

  /// `level` is 1 (fast) to 9 (small); frames of more than `threshold` bytes, without their
  /// headers, are compressed.
  public CompressedForm(WireForm plain, int level, int threshold, CompressionThreads threads) {
    super(plain, stamped -> new CompressedForm(stamped, level, threshold, threads));
    this.level = level;
    this.threshold = threshold;
    this.threads = threads;
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
  public boolean saves() {
    return true;
  }

  @Override
  public boolean takesLong(Message message) {
    return threads.isFor(message.payload().length);
  }

  @Override
  public boolean encodeElsewhere(Message message, Stamp stamp, Consumer<@Nullable MadeFrame> done) {
    var own =
        new Stamp()
            .in(stamp.topic())
            .set(stamp.epoch(), stamp.offset(), stamp.idHigh(), stamp.idLow());
    return threads.run(message.payload().length, () -> done.accept(made(message, own)));
  }

  private @Nullable MadeFrame made(Message message, Stamp stamp) {
    var out = Unpooled.buffer(plain.sizeLimit(message, stamp));
    try {
      int timestampAt = compressed(message, stamp, out);
      int saved = plain.sizeLimit(message, stamp) - out.readableBytes();
      return new MadeFrame(ByteBufUtil.getBytes(out), timestampAt, timestampAt < 0 ? saved : 0);
    } catch (RuntimeException failure) {
      log.error(
          "A frame of {} could not be compressed; it leaves as it is", stamp.topic(), failure);
      return null;
    }
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    return takesLong(message) ? plain.encode(message, stamp, out) : compressed(message, stamp, out);
  }

  private int compressed(Message message, Stamp stamp, ByteBuf out) {
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
    if (stamped() instanceof CompressedForm other && !other.equals(this)) {
      other.close();
    }
    for (var compressor = idle.poll(); compressor != null; compressor = idle.poll()) {
      compressor.close();
    }
  }
}
