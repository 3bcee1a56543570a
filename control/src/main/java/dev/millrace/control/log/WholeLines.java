package dev.millrace.control.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// A stream that others in the process write to as well. It is written to in pieces of whole lines
/// that a pipe takes in one step (`PIPE_BUF`, POSIX write), so that nobody else's output can come
/// to stand inside a line; only a longer line goes as it is. Closing leaves the stream open.
final class WholeLines implements WritableByteChannel {
  private static final int PIPE_BUF = 4_096;

  private final WritableByteChannel stream;

  WholeLines(WritableByteChannel stream) {
    this.stream = stream;
  }

  /// Past `System.out` and `System.err`, whose locks others may hold.
  @SuppressWarnings("resource") // it lives as long as the process
  static WholeLines of(FileDescriptor descriptor) {
    return new WholeLines(new FileOutputStream(descriptor).getChannel());
  }

  @Override
  public int write(ByteBuffer lines) throws IOException {
    int limit = lines.limit();
    try {
      return stream.write(lines.limit(endOfPiece(lines)));
    } finally {
      lines.limit(limit);
    }
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  @Override
  public void close() {}

  private static int endOfPiece(ByteBuffer lines) {
    int atOnce = lines.position() + PIPE_BUF;
    if (atOnce >= lines.limit()) {
      return lines.limit();
    }
    for (int end = atOnce; end > lines.position(); end--) {
      if (lines.get(end - 1) == '\n') {
        return end;
      }
    }
    int end = atOnce;
    while (end < lines.limit() && lines.get(end - 1) != '\n') {
      end++;
    }
    return end;
  }
}
