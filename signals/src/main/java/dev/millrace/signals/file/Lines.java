package dev.millrace.signals.file;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The lines of a file, which end with LF, CR LF or the file. Of a line that is too long no more is
/// kept than the limit. Confined to one thread.
final class Lines implements AutoCloseable {
  private final InputStream in;
  private final int maxBytes;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1_024);
  private final byte[] block = new byte[65_536];
  private int at;
  private int filled;
  private long number;
  private boolean tooLong;

  Lines(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  static Lines open(Path path, int maxBytes) throws IOException {
    return new Lines(
        new FileInputStream(path.toFile()), maxBytes); // an interrupt does not close it
  }

  /// The number of the line last read, from 1.
  long number() {
    return number;
  }

  /// Whether the line last read was longer than the limit.
  boolean tooLong() {
    return tooLong;
  }

  /// The next line without its end, null after the last.
  byte @Nullable [] next() throws IOException {
    line.reset();
    tooLong = false;
    boolean any = false;
    while (fill()) {
      any = true;
      int end = at;
      while (end < filled && block[end] != '\n') {
        end++;
      }
      keep(end - at);
      if (end < filled) {
        at = end + 1;
        break;
      }
      at = end;
    }
    if (!any) {
      return null;
    }
    number++;
    var bytes = line.toByteArray();
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\r') {
      length--;
    }
    tooLong |= length > maxBytes;
    return length == bytes.length ? bytes : java.util.Arrays.copyOf(bytes, length);
  }

  private void keep(int count) {
    int room = maxBytes + 1 - line.size(); // one more, because a CR may end it
    tooLong |= count > room;
    line.write(block, at, Math.min(count, room));
  }

  private boolean fill() throws IOException {
    if (at == filled) {
      at = 0;
      filled = Math.max(0, in.read(block));
    }
    return filled > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
