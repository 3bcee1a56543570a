package dev.millrace.control.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// A file of lines that is set aside as `name.1` when it would grow beyond its limit, what was
/// `name.1` as `name.2`, and so on; the oldest is deleted. After a failure, and when somebody has
/// taken the file away, it is opened anew at the next write. Confined to the writer once it is
/// open.
final class RollingFile implements WritableByteChannel {
  private final Path file;
  private final long limitBytes;
  private final int files;
  private @Nullable FileChannel channel;
  private long size;
  private boolean atLineStart;

  private RollingFile(Path file, long limitBytes, int files) {
    this.file = file;
    this.limitBytes = limitBytes;
    this.files = files;
  }

  /// Opens `file` to append to it, with its folder; a last line that was torn is ended first.
  ///
  /// @throws IOException with the file's name if that cannot be done
  static RollingFile open(Path file, long limitBytes, int files) throws IOException {
    var rolling = new RollingFile(file, limitBytes, files);
    var channel = rolling.opened();
    if (!rolling.endsWithNewline()) {
      rolling.size += channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
    }
    rolling.atLineStart = true;
    return rolling;
  }

  @Override
  public int write(ByteBuffer lines) throws IOException {
    try {
      if (atLineStart && channel != null && !Files.exists(file)) {
        close(); // what is written to it now would be nowhere
        opened();
      }
      if (atLineStart && size > 0 && size + lines.remaining() > limitBytes) {
        rotate();
      }
      int written = opened().write(lines);
      if (written > 0) {
        size += written;
        atLineStart = lines.get(lines.position() - 1) == '\n';
      }
      return written;
    } catch (IOException failure) {
      closeAfter(failure);
      throw failure;
    }
  }

  @Override
  public boolean isOpen() {
    return channel != null;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  private FileChannel opened() throws IOException {
    var open = channel;
    if (open == null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      open =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      channel = open;
      size = open.size();
    }
    return open;
  }

  private boolean endsWithNewline() throws IOException {
    if (size == 0) {
      return true;
    }
    try (var reader = FileChannel.open(file, StandardOpenOption.READ)) {
      var last = ByteBuffer.allocate(1);
      return reader.read(last, size - 1) < 1 || last.get(0) == '\n';
    }
  }

  private void rotate() throws IOException {
    close();
    if (files == 1) {
      Files.deleteIfExists(file);
      return;
    }
    for (int i = files - 1; i >= 1; i--) {
      var from = i == 1 ? file : aside(i - 1);
      if (Files.exists(from)) {
        Files.move(from, aside(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path aside(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  private void closeAfter(IOException failure) {
    try {
      close();
    } catch (IOException another) {
      failure.addSuppressed(another);
      channel = null;
    }
  }
}
