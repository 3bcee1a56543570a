package dev.millrace.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongConsumer;

/// Gets a stream into a new file that only its owner may read, and onto the disk. A stream from
/// which nothing comes for a while is given up: HTTP clients wait for ever.
final class Download {
  private static final int BUFFER_BYTES = 64 << 10;

  private final Duration patience;
  private volatile long lastByteNanos; // written by the thread that reads, read by its watch

  Download(Duration patience) {
    this.patience = patience;
  }

  /// Writes what comes from `in` to `file`, in place of what it was, and tells `progress` the bytes
  /// so far.
  ///
  /// @throws IOException if the stream breaks off or dries up, or the file cannot be written
  void receive(InputStream in, Path file, LongConsumer progress)
      throws IOException, InterruptedException {
    Files.deleteIfExists(file);
    lastByteNanos = System.nanoTime();
    var watch = Thread.ofVirtual().name("millrace-download-watch").start(() -> watch(in));
    var buffer = new byte[BUFFER_BYTES];
    try (in;
        var out =
            FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                ownersOnly())) {
      long bytes = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        lastByteNanos = System.nanoTime();
        var rest = ByteBuffer.wrap(buffer, 0, read);
        while (rest.hasRemaining()) {
          bytes += out.write(rest);
        }
        progress.accept(bytes);
      }
      out.force(true);
    } finally {
      watch.interrupt();
      watch.join();
    }
  }

  private void watch(InputStream in) {
    try {
      while (true) {
        long silent = System.nanoTime() - lastByteNanos;
        if (silent >= patience.toNanos()) {
          in.close(); // the reader's call fails
          return;
        }
        Thread.sleep(patience.minusNanos(silent));
      }
    } catch (InterruptedException | IOException over) {
      Thread.currentThread().interrupt();
    }
  }

  private static FileAttribute<?>[] ownersOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
