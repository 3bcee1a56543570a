package dev.millrace.signals.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/// A file on a disk that is full while `full` says so, half way into each write.
final class FailingFile extends RandomAccessFile {
  private boolean full;

  FailingFile(Path path) throws FileNotFoundException {
    super(path.toFile(), "rw");
  }

  void full(boolean now) {
    full = now;
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (full) {
      super.write(bytes, from, length / 2);
      throw new IOException("No space left on device");
    }
    super.write(bytes, from, length);
  }
}
