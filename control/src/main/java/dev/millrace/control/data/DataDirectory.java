package dev.millrace.control.data;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one folder a process keeps its files in. A lock on `.lock` makes sure that no second process
/// uses it; the operating system gives the lock back however the process ends. `FORMAT` says how
/// the files are laid out; opening brings an older layout up to date.
///
/// Opened and closed by the thread that starts and stops the process.
public final class DataDirectory implements AutoCloseable {
  static final String LOCK = ".lock";

  /// The folder for what is needed for a while only; what begins with [#TEMPORARY_PREFIX] in it,
  /// and [#NATIVE], is deleted at the next start.
  static final String TEMPORARY = "tmp";

  static final String TEMPORARY_PREFIX = "backup-";

  /// The folder in it for native libraries, see [#nativeLibraries].
  static final String NATIVE = "native";

  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
  private static final String REMEDY = "choose another folder: --set server.data_dir=OTHER.";

  private final Path root;
  private final FileChannel lockFile;

  private DataDirectory(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /// Creates the folder where it is missing, takes its lock, brings its format up to date and
  /// deletes what a killed process left half-made. `version` is that of this program.
  ///
  /// @throws ProblemException if it is in use, cannot be used or must not be
  public static DataDirectory open(Path folder, String version) throws ProblemException {
    return open(folder, version, DataFormat.CURRENT);
  }

  static DataDirectory open(Path folder, String version, DataFormat format)
      throws ProblemException {
    var root = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(root);
      var channel =
          FileChannel.open(
              root.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      boolean opened = false;
      try {
        if (!isOurs(channel)) {
          throw inUse(root, Holder.read(channel));
        }
        format.bringUpToDate(root, Holder.read(channel).version());
        Holder.thisProcess(version).write(channel);
        deleteTemporaries(root);
        opened = true;
        return new DataDirectory(root, channel);
      } finally {
        if (!opened) {
          channel.close();
        }
      }
    } catch (IOException failure) {
      throw unusable(root, failure);
    }
  }

  public Path root() {
    return root;
  }

  /// A folder where libraries may unpack their native parts: nobody else's, and empty at every
  /// start, so that what killed processes leave there does not gather.
  ///
  /// @throws ProblemException if it cannot be made
  public Path nativeLibraries() throws ProblemException {
    try {
      return Files.createDirectories(root.resolve(TEMPORARY).resolve(NATIVE));
    } catch (IOException failure) {
      throw unusable(root, failure);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }

  private static ProblemException unusable(Path root, IOException failure) {
    return new ProblemException(
        Problem.error(
            "E_DATA_DIRECTORY",
            Location.of(root.toString()),
            "the data directory cannot be used: " + failure,
            "Make it writable, or " + REMEDY),
        failure);
  }

  private static boolean isOurs(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException sameProcess) {
      return false;
    }
  }

  private static void deleteTemporaries(Path root) throws IOException {
    var folder = root.resolve(TEMPORARY);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var left =
        Files.newDirectoryStream(folder, "{" + TEMPORARY_PREFIX + "*," + NATIVE + "}")) {
      for (var path : left) {
        log.info("Deleting {}, left by a process that was killed", path);
        Durable.deleteTree(path);
      }
    }
  }

  private static ProblemException inUse(Path root, Holder holder) {
    return new ProblemException(
        Problem.error(
            "E_DATA_IN_USE",
            Location.of(root.toString()),
            "the data directory is in use by another Millrace process (pid "
                + holder.pid()
                + ", since "
                + holder.since()
                + ")",
            "Stop that process, or " + REMEDY));
  }
}
