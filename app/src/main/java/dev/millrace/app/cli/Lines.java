package dev.millrace.app.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The lines of a stream that comes from somebody else, as bytes. Confined to one thread, but for
/// [#close], which ends a wait.
final class Lines implements AutoCloseable {
  private static final int LONGEST = 64 << 20;

  private final InputStream raw;
  private final InputStream in;

  Lines(InputStream raw) {
    this.raw = raw;
    this.in = new BufferedInputStream(raw, 64 << 10);
  }

  /// The next line without its end; null at the end of the stream.
  ///
  /// @throws IOException if the stream breaks off, or a line never ends
  byte @Nullable [] next() throws IOException {
    var line = new ByteArrayOutputStream(256);
    for (int one = in.read(); one >= 0; one = in.read()) {
      if (one == '\n') {
        return line.toByteArray();
      }
      if (line.size() == LONGEST) {
        throw new IOException("a line is longer than " + LONGEST + " bytes");
      }
      line.write(one);
    }
    return line.size() == 0 ? null : line.toByteArray();
  }

  /// Whether there is more that can be had without waiting.
  boolean hasMore() throws IOException {
    return in.available() > 0;
  }

  @Override
  public void close() {
    try {
      raw.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
