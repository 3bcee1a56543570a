package dev.millrace.connect.replay;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts a stream of bytes into lines, which end with LF or CR LF or with the stream. Lines longer
/// than the limit are passed over without being kept. Confined to one thread.
final class LineReader implements AutoCloseable {
  private static final int BLOCK = 256 << 10;

  private final InputStream in;
  private final int maxLineBytes;
  private byte[] buffer = new byte[BLOCK];
  private int from;
  private int to;
  private boolean ended;
  private long lines;
  private boolean tooLong;

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /// Lines begun so far: the ordinal of the last one.
  long ordinal() {
    return lines;
  }

  /// Whether the last line was longer than the limit; then its content is empty.
  boolean tooLong() {
    return tooLong;
  }

  /// The next line without its end, null after the last. Every decodable byte before a failure is
  /// given out first.
  byte @Nullable [] next() throws IOException {
    tooLong = false;
    int searched = from;
    while (true) {
      int end = indexOfLineEnd(searched);
      if (end >= 0) {
        return take(end, end + 1);
      }
      if (to - from > maxLineBytes + 1) { // one more, because a CR may end it
        tooLong = true;
        from = to;
      }
      int kept = to - from;
      if (!fill()) {
        return kept > 0 || tooLong ? take(to, to) : null;
      }
      searched = from + kept;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private byte[] take(int end, int next) {
    lines++;
    int contentEnd = end > from && buffer[end - 1] == '\r' ? end - 1 : end;
    tooLong |= contentEnd - from > maxLineBytes;
    var line = tooLong ? new byte[0] : Arrays.copyOfRange(buffer, from, contentEnd);
    from = next;
    return line;
  }

  private int indexOfLineEnd(int start) {
    for (int i = start; i < to; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /// Brings in more bytes behind what is still held; false at the end.
  private boolean fill() throws IOException {
    if (ended) {
      return false;
    }
    int held = to - from;
    if (from > 0) {
      System.arraycopy(buffer, from, buffer, 0, held);
      from = 0;
      to = held;
    }
    if (to == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(buffer.length * 2, maxLineBytes + BLOCK));
    }
    int count = in.read(buffer, to, buffer.length - to);
    if (count < 0) {
      ended = true;
      return false;
    }
    to += count;
    return true;
  }
}
