package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/// Reads the files that hold secrets, on behalf of those who touch no file themselves.
@FunctionalInterface
public interface SecretReader {

  /// The whole text of the file at `path`.
  String read(String path) throws IOException;

  /// The text of the file without one newline at its end, or empty after adding a problem.
  /// `fileName` is what messages call the file. Nothing of its content is ever in a problem.
  default Optional<String> secret(String path, String fileName, Location at, Problems problems) {
    try {
      var text = read(path);
      if (text.indexOf('\0') < 0) {
        return Optional.of(withoutLastNewline(text));
      }
      problems.error("E_UNREADABLE", at, fileName + " holds a NUL character", "Remove it.");
    } catch (IOException | IllegalArgumentException failure) {
      problems.error(
          "E_UNREADABLE",
          at,
          fileName + " cannot be read: " + reason(failure),
          "Name a file that this process may read.");
    }
    return Optional.empty();
  }

  private static String withoutLastNewline(String text) {
    int end = text.length();
    if (text.endsWith("\n")) {
      end -= text.endsWith("\r\n") ? 2 : 1;
    }
    return text.substring(0, end);
  }

  /// Without the exception's own message: it may quote what was read.
  private static String reason(Exception failure) {
    return switch (failure) {
      case NoSuchFileException gone -> "there is no such file";
      case AccessDeniedException denied -> "access is denied";
      case CharacterCodingException broken -> "it is not UTF-8";
      default -> failure.getClass().getSimpleName();
    };
  }
}
