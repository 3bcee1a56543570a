package dev.millrace.app.server;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The one folder a process keeps its files in. A lock on `.lock` makes sure that no second process
/// uses it; the operating system gives the lock back however the process ends.
public final class DataDirectory implements AutoCloseable {
  private static final String REMEDY = "choose another folder: --set server.data_dir=OTHER.";

  private final Path root;
  private final FileChannel lockFile;

  private DataDirectory(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /// Creates the folder where it is missing and takes its lock.
  ///
  /// @throws ExitException with [ExitCode#IN_USE]
  public static DataDirectory open(Path folder) throws ExitException {
    var root = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(root);
      var channel =
          FileChannel.open(
              root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isOurs(channel)) {
        return new DataDirectory(root, channel);
      }
      channel.close();
    } catch (IOException failure) {
      throw new ExitException(
          ExitCode.IN_USE,
          "error: the data directory "
              + root
              + " cannot be used: "
              + failure
              + "\n    fix Make it writable, or "
              + REMEDY,
          failure);
    }
    throw new ExitException(
        ExitCode.IN_USE,
        "error: the data directory "
            + root
            + " is in use by another Millrace process"
            + "\n    fix Stop that process, or "
            + REMEDY);
  }

  public Path root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }

  private static boolean isOurs(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException sameProcess) {
      return false;
    }
  }
}
