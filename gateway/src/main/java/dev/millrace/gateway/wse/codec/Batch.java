package dev.millrace.gateway.wse.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Envelopes that leave in one frame, as
/// `U{"t":"batch","p":{"messages":[…],"count":n},"v":1}`. One per loop, filled and emptied for one
/// connection at a time. Confined to the loop.
public final class Batch implements AutoCloseable {
  /// The most envelopes that a client may ask for.
  public static final int MOST = 100;

  private static final int KEPT = 64 << 10; // of a buffer, beyond a batch that needs more
  private static final byte[] HEAD = ascii("U{\"t\":\"batch\",\"p\":{\"messages\":[");
  private static final byte[] COUNT = ascii("],\"count\":");
  private static final byte[] TAIL = ascii("},\"v\":1}");
  private static final int FRAME = HEAD.length + COUNT.length + 3 + TAIL.length;

  private final int mostBytes;
  private final int[] ends = new int[MOST];
  private @Nullable ByteBuf contents; // back to back, each with its category
  private @Nullable ByteBuf page; // what was asked for last
  private int count;

  /// `mostBytes` is the longest content of a frame.
  public Batch(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  public int count() {
    return count;
  }

  /// Whether another content of so many bytes fits.
  public boolean hasRoomFor(int bytes) {
    var known = contents;
    int held = known == null ? 0 : known.readableBytes();
    return count < MOST && FRAME + held + count + bytes <= mostBytes;
  }

  /// Takes a copy of an envelope of this server's, with a category or none.
  public void add(ByteBuf content) {
    var to = contents;
    if (to == null) {
      to = PooledByteBufAllocator.DEFAULT.directBuffer(4 << 10);
      contents = to;
    }
    to.writeBytes(content, content.readerIndex(), content.readableBytes());
    ends[count++] = to.writerIndex();
  }

  /// The envelope with that number as it was added; valid and the caller's to change until the next
  /// call.
  public ByteBuf alone(int number) {
    int from = number == 0 ? 0 : ends[number - 1];
    return page().writeBytes(held(), from, ends[number] - from);
  }

  /// All of them in one envelope; valid and the caller's to change until the next call.
  public ByteBuf together() {
    var from = held();
    var out = page().writeBytes(HEAD);
    int start = 0;
    for (int i = 0; i < count; i++) {
      while (from.getByte(start) != '{') {
        start++; // its category says nothing that its type does not
      }
      if (i > 0) {
        out.writeByte(',');
      }
      out.writeBytes(from, start, ends[i] - start);
      start = ends[i];
    }
    out.writeBytes(COUNT);
    if (count >= 100) {
      out.writeByte('0' + count / 100);
    }
    if (count >= 10) {
      out.writeByte('0' + count / 10 % 10);
    }
    return out.writeByte('0' + count % 10).writeBytes(TAIL);
  }

  public void clear() {
    count = 0;
    var known = contents;
    if (known != null && known.capacity() > KEPT) {
      close();
    } else if (known != null) {
      known.clear();
    }
  }

  private ByteBuf held() {
    var known = contents;
    if (known == null || count == 0) {
      throw new IllegalStateException("the batch is empty");
    }
    return known;
  }

  private ByteBuf page() {
    var known = page;
    if (known == null) {
      known = PooledByteBufAllocator.DEFAULT.directBuffer(4 << 10);
      page = known;
    }
    return known.clear();
  }

  @Override
  public void close() {
    if (contents != null) {
      contents.release();
      contents = null;
    }
    if (page != null) {
      page.release();
      page = null;
    }
    count = 0;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
