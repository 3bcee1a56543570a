package dev.millrace.signals.file;

import dev.millrace.core.node.NodeContext;
import dev.millrace.core.time.Clock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes to the end of a file and loses nothing when that fails: what could not be written stays
/// in memory, the node's trouble is told, and the node is not ready until a later attempt succeeds,
/// one a second. An interrupt does not close the file.
///
/// Confined to the node's thread.
final class Output implements AutoCloseable {
  /// So much is gathered at most before it is written.
  private static final int FULL = 1 << 20;

  private static final Duration RETRY = Duration.ofSeconds(1);

  private final NodeContext context;
  private final Path path;
  private final RandomAccessFile file;

  private byte[] buffer = new byte[8_192];
  private int buffered;
  private long position; // where the buffer's first byte belongs
  private byte @Nullable [] head;
  private boolean failing;
  private long retryNanos;
  private Clock.@Nullable Timer timer;

  /// Opens files; another one than [#open] in tests of what fails.
  @FunctionalInterface
  interface Opener {
    RandomAccessFile open(Path path) throws IOException;
  }

  Output(NodeContext context, Path path, Opener opener) throws IOException {
    this.context = context;
    this.path = path;
    this.file = opener.open(path);
  }

  /// Opens a file to read and write, with the directories it stands in.
  static RandomAccessFile open(Path path) throws IOException {
    var directory = path.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    return new RandomAccessFile(path.toFile(), "rw");
  }

  /// Bytes that are in the file or on their way.
  long end() {
    return position + buffered;
  }

  /// Bytes in the file.
  long length() throws IOException {
    return file.length();
  }

  /// Forgets what stands behind `length` bytes and goes on there.
  void continueAt(long length) throws IOException {
    if (file.length() > length) {
      file.setLength(length);
    }
    position = length;
    buffered = 0;
  }

  /// Whether the file ends within a line.
  boolean endsWithinLine() throws IOException {
    long length = file.length();
    if (length == 0) {
      return false;
    }
    file.seek(length - 1);
    return file.read() != '\n';
  }

  /// Adds bytes at the end; they are written by [#flush] at the latest.
  void put(byte[] bytes, int length) {
    if (buffered >= FULL) {
      var _ = flush();
    }
    if (buffer.length - buffered < length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, Math.addExact(buffered, length)));
    }
    System.arraycopy(bytes, 0, buffer, buffered, length);
    buffered += length;
  }

  /// Has the first bytes of the file written anew with each flush.
  void head(byte[] bytes) {
    head = bytes;
  }

  /// Writes what waits; false if that fails, which the operator has then been told.
  boolean flush() {
    try {
      write();
      if (failing) {
        failing = false;
        context.recovered();
      }
      return true;
    } catch (IOException failure) {
      failing = true;
      retryNanos = context.clock().nanoTime() + RETRY.toNanos();
      context.trouble(
          path + " cannot be written (" + failure.getMessage() + "); frames wait until it can");
      cancelTimer();
      timer = context.clock().after(RETRY, context::wake);
      return false;
    }
  }

  /// Writes what waits.
  ///
  /// @throws IOException if that fails; what waits is still there
  void write() throws IOException {
    if (buffered > 0) {
      file.seek(position); // an attempt that failed half way is made again from its beginning
      file.write(buffer, 0, buffered);
      position += buffered;
      buffered = 0;
    }
    if (head != null) {
      file.seek(0);
      file.write(head, 0, head.length);
    }
  }

  /// Whether more may come; tries again if it is time.
  boolean ready() {
    if (!failing) {
      return true;
    }
    return context.clock().nanoTime() - retryNanos >= 0 && flush();
  }

  /// Has the machine put on the disk what was written.
  void force() throws IOException {
    file.getFD().sync();
  }

  /// Closes the file; what waits is lost.
  @Override
  public void close() throws IOException {
    cancelTimer();
    file.close();
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
