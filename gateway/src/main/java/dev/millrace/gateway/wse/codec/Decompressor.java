package dev.millrace.gateway.wse.codec;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Inflates messages: a zlib stream (RFC 1950) or, failing that, a bare deflate stream (RFC 1951).
/// Stops at the first byte beyond the limit, so that a small message cannot cost more time or
/// memory than a large one. Confined to one loop.
final class Decompressor implements AutoCloseable {
  private static final int FIRST = 16 << 10;
  private static final int BROKEN = -1;

  private final int limit;
  private final Inflater zlib = new Inflater();
  private final Inflater bare = new Inflater(true);
  private byte[] inflated; // grows to one byte more than the limit

  Decompressor(int limit) {
    this.limit = limit;
    this.inflated = new byte[Math.min(FIRST, limit + 1)];
  }

  /// The content of a whole stream that ends where the message does.
  Unframed inflate(byte[] bytes, int from, int to) {
    int length = inflate(zlib, bytes, from, to);
    if (length == BROKEN) {
      length = inflate(bare, bytes, from, to);
    }
    if (length == BROKEN) {
      return new Unframed.Refused(Unframed.Reason.NOT_COMPRESSED);
    }
    return length > limit
        ? new Unframed.TooLarge(limit)
        : new Unframed.Text(Arrays.copyOf(inflated, length));
  }

  private int inflate(Inflater inflater, byte[] bytes, int from, int to) {
    try {
      inflater.setInput(bytes, from, to - from);
      int length = 0;
      while (!inflater.finished() && length <= limit) {
        if (length == inflated.length) {
          inflated = Arrays.copyOf(inflated, Math.min(limit + 1, length * 2));
        }
        int more = inflater.inflate(inflated, length, inflated.length - length);
        if (more == 0 && !inflater.finished()) {
          return BROKEN; // cut off, or made with a dictionary
        }
        length += more;
      }
      return length <= limit && inflater.getRemaining() > 0 ? BROKEN : length;
    } catch (DataFormatException broken) {
      return BROKEN;
    } finally {
      inflater.reset(); // lets go of the message, too
    }
  }

  @Override
  public void close() {
    zlib.close();
    bare.close();
  }
}
