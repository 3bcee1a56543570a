package dev.millrace.signals.file;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What can be wrong with a file, in words for whoever named it.
final class FileProblems {
  private static final String CODE = "E_FILE";

  private FileProblems() {}

  static ProblemException unwritable(Path file, IOException cause) {
    return new ProblemException(
        Problem.error(
            CODE,
            Location.of(file.toString()),
            file + " cannot be written: " + cause,
            "Let this user write there, or give another file in `path`."),
        cause);
  }

  static ProblemException unreadable(Path file, IOException cause) {
    return new ProblemException(
        Problem.error(
            CODE,
            Location.of(file.toString()),
            file + " cannot be read: " + cause,
            "Let this user read the file, or give another in `path`."),
        cause);
  }

  static ProblemException wrong(Path file, String what, String fix) {
    return new ProblemException(
        Problem.error(CODE, Location.of(file.toString()), file + " " + what, fix));
  }

  /// Looks whether there is such a file.
  ///
  /// @throws ProblemException if there is none
  static void mustExist(Path file) throws ProblemException {
    if (!Files.isRegularFile(file)) {
      throw wrong(
          file,
          Files.exists(file) ? "is not a file" : "does not exist",
          "Give the path of a file in `path`, relative to the data directory.");
    }
  }
}
