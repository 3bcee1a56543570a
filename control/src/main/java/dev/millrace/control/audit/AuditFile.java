package dev.millrace.control.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of a trail: `audit.jsonl` is written, `audit.1.jsonl` is the one before it, and so on.
/// Lines go in whole batches: after a failure the file is cut back to where the batch began, so
/// that the batch can be written again. Confined to the trail's thread.
final class AuditFile {
  private static final Logger log = LoggerFactory.getLogger(AuditFile.class);

  private final Path folder;
  private final AuditSpec spec;
  private final Opening opening;
  private @Nullable FileChannel channel;
  private long size; // of what is known to be on disk; -1 before the file was first opened

  /// How a file is opened.
  @FunctionalInterface
  interface Opening {
    FileChannel open(Path file, OpenOption... options) throws IOException;
  }

  AuditFile(Path folder, AuditSpec spec, Opening opening) {
    this.folder = folder;
    this.spec = spec;
    this.opening = opening;
    this.size = -1;
  }

  /// The file of the trail with `number` files after it.
  static Path file(Path folder, int number) {
    return folder.resolve(number == 0 ? "audit.jsonl" : "audit." + number + ".jsonl");
  }

  /// Writes `lines`, each with its line feed, and returns when they are on disk.
  ///
  /// @throws IOException if they are not, or not all; calling again with the same lines is right
  void append(List<byte[]> lines) throws IOException {
    long bytes = lines.stream().mapToLong(line -> line.length).sum();
    try {
      var open = channel();
      if (size > 0 && size + bytes > spec.maxFileSize().bytes()) {
        rotate();
        open = channel();
      }
      var block = ByteBuffer.allocate(Math.toIntExact(bytes));
      lines.forEach(block::put);
      block.flip();
      while (block.hasRemaining()) {
        open.write(block);
      }
      open.force(false);
      size += bytes;
    } catch (IOException failure) {
      cutBack();
      throw failure;
    }
  }

  void close() {
    var open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException failure) {
        log.warn("Closing {} failed; it is opened anew", file(folder, 0), failure);
      }
    }
  }

  private FileChannel channel() throws IOException {
    var open = channel;
    var path = file(folder, 0);
    if (open != null && Files.exists(path)) {
      return open;
    }
    if (open != null) {
      // Somebody took the file away; what we wrote next would be nowhere.
      close();
      size = -1;
    }
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      sync(folder.toAbsolutePath().getParent());
    }
    var fresh =
        opening.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    channel = fresh;
    if (size < 0) {
      sync(folder);
      size = fresh.size();
      fresh.position(size);
      endTornLine(fresh);
    } else {
      size = Math.min(size, fresh.size());
      fresh.truncate(size);
      fresh.position(size);
    }
    return fresh;
  }

  /// A line that a crash cut off must not run into the next one.
  private void endTornLine(FileChannel open) throws IOException {
    if (size == 0) {
      return;
    }
    var last = ByteBuffer.allocate(1);
    if (open.read(last, size - 1) == 1 && last.get(0) != '\n') {
      open.write(ByteBuffer.wrap(new byte[] {'\n'}));
      size++;
    }
  }

  private void cutBack() {
    var open = channel;
    if (open != null && size >= 0) {
      try {
        open.truncate(size);
      } catch (IOException failure) {
        log.warn("Cutting {} back failed; it is done when it is opened", file(folder, 0), failure);
      }
    }
    close();
  }

  private void rotate() throws IOException {
    close();
    for (int number = spec.files() - 2; number >= 0; number--) {
      var from = file(folder, number);
      if (Files.exists(from)) {
        Files.move(from, file(folder, number + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    size = -1;
  }

  /// A new name is on disk only when the folder is that it stands in.
  private static void sync(@Nullable Path folder) throws IOException {
    if (folder != null) {
      try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
