package dev.millrace.control.data;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a data directory out of a backup: beside the place it is for, in `<name>.part`; only when
/// all of it is there, checked and on the disk it gets its name. Runs on the thread of the command.
public final class Restore {
  /// The code of the problem that there is something already where the data should go.
  public static final String OCCUPIED = "E_DATA_EXISTS";

  private static final Logger log = LoggerFactory.getLogger(Restore.class);

  private Restore() {}

  /// Restores `archive` as `folder`, which must be missing or empty, and returns what it held.
  ///
  /// @throws ProblemException if there is something at `folder`, or `archive` is not a sound backup
  ///     that this version understands, or the disk refuses; `folder` is as it was then
  public static Manifest restore(Path archive, Path folder) throws ProblemException {
    var place = folder.toAbsolutePath().normalize();
    try {
      if (Files.isDirectory(place)) {
        place = place.toRealPath(); // an empty folder behind a link is replaced where it is
      }
      checkIsFree(place);
      try (var opened = Archive.open(archive)) {
        checkFormat(archive, opened.manifest());
        restore(archive, opened, place);
        return opened.manifest();
      }
    } catch (IOException failure) {
      throw problem(
          "E_RESTORE",
          place,
          "the backup cannot be restored here: " + failure,
          "Make room or permission for it, or name another folder.",
          failure);
    }
  }

  private static void restore(Path archive, Archive opened, Path place)
      throws ProblemException, IOException {
    var parent = place.getParent();
    if (parent == null) {
      throw new IOException("a backup cannot become the root folder");
    }
    Files.createDirectories(parent);
    checkSpace(parent, opened.manifest().bytes());
    var part = place.resolveSibling(place.getFileName() + Durable.PART);
    try {
      Files.createDirectory(part);
    } catch (FileAlreadyExistsException left) {
      throw problem(
          OCCUPIED,
          part,
          "there is something where the backup is unpacked, perhaps from a restore that was broken"
              + " off",
          "Delete it and try again.",
          left);
    }
    boolean moved = false;
    try {
      opened.unpack(part);
      Durable.rename(part, place);
      moved = true;
    } catch (BadArchiveException altered) {
      throw Archive.unusable(archive, String.valueOf(altered.getMessage()));
    } finally {
      if (!moved) {
        deleteLeftovers(part);
      }
    }
  }

  private static void checkIsFree(Path place) throws ProblemException, IOException {
    if (Files.isDirectory(place)) {
      try (var entries = Files.newDirectoryStream(place)) {
        if (!entries.iterator().hasNext()) {
          return;
        }
      }
    } else if (!Files.exists(place, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    throw problem(
        OCCUPIED,
        place,
        "there is something here already, and a backup is never restored over it",
        "Name a folder that does not exist, or move this one away.",
        null);
  }

  private static void checkFormat(Path archive, Manifest manifest) throws ProblemException {
    int known = DataFormat.CURRENT.number();
    if (manifest.format() > known) {
      throw problem(
          "E_DATA_FORMAT",
          archive,
          "the backup is of a data directory in format "
              + manifest.format()
              + ", made by Millrace "
              + manifest.version()
              + "; this version knows formats up to "
              + known,
          "Restore it with that version or a newer one.",
          null);
    }
    if (manifest.files().stream().noneMatch(file -> file.name().equals(DataFormat.FILE))) {
      throw Archive.unusable(archive, "it lacks the file " + DataFormat.FILE);
    }
  }

  private static void checkSpace(Path parent, long bytes) throws IOException {
    long free = Files.getFileStore(parent).getUsableSpace();
    if (free < bytes) {
      throw new IOException("it takes " + bytes + " bytes and " + free + " are free");
    }
  }

  private static void deleteLeftovers(Path part) {
    try {
      Durable.deleteTree(part);
    } catch (IOException failure) {
      log.warn("{} could not be deleted; delete it by hand: {}", part, failure.toString());
    }
  }

  private static ProblemException problem(
      String code,
      Path where,
      String what,
      String fix,
      @org.jspecify.annotations.Nullable Exception cause) {
    var problem = Problem.error(code, Location.of(where.toString()), what, fix);
    return cause == null ? new ProblemException(problem) : new ProblemException(problem, cause);
  }
}
