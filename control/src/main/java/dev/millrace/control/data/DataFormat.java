package dev.millrace.control.data;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which layout the files of a data directory are in: one whole number in its file `FORMAT`. The
/// number rises when a version of the program lays files out in a way that the one before it would
/// misread.
///
/// Used by the thread that starts the process, under the directory's lock.
final class DataFormat {
  static final String FILE = "FORMAT";

  /// The formats of this program: 1, and one more for each migration.
  static final DataFormat CURRENT = new DataFormat(List.of());

  private static final Logger log = LoggerFactory.getLogger(DataFormat.class);
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
  private static final int MAX_BYTES = 64;

  /// What is there before there is any content: what opening makes, in the order it makes it.
  private static final Set<String> NO_CONTENT =
      Set.of(DataDirectory.LOCK, FILE + Durable.PART, DataDirectory.TEMPORARY);

  private final List<Migration> migrations; // the first leads to format 2

  DataFormat(List<Migration> migrations) {
    this.migrations = List.copyOf(migrations);
    for (int i = 0; i < migrations.size(); i++) {
      if (migrations.get(i).to() != i + 2) {
        throw new IllegalArgumentException(
            "migration " + i + " leads to format " + migrations.get(i).to() + ", not " + (i + 2));
      }
    }
  }

  /// What a directory says of itself.
  sealed interface Found {
    /// Nothing has been kept here yet.
    record Fresh() implements Found {}

    /// Files, but no number: they were written before there was one.
    record Unmarked() implements Found {}

    record Marked(int format) implements Found {}

    /// `what` stands where the number should.
    record Unreadable(String what) implements Found {}
  }

  int number() {
    return 1 + migrations.size();
  }

  static Found inspect(Path root) throws IOException {
    var file = root.resolve(FILE);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      try (var entries = Files.list(root)) {
        return entries.allMatch(entry -> NO_CONTENT.contains(String.valueOf(entry.getFileName())))
            ? new Found.Fresh()
            : new Found.Unmarked();
      }
    }
    if (!Files.isRegularFile(file)) {
      return new Found.Unreadable("something that is no file");
    }
    byte[] content;
    try (var in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES);
    }
    var text = new String(content, StandardCharsets.US_ASCII).strip();
    return NUMBER.matcher(text).matches()
        ? new Found.Marked(Integer.parseInt(text))
        : new Found.Unreadable(text.isEmpty() ? "nothing" : "no number");
  }

  /// Brings what is in `root` to this format, one step at a time. The number is written after each
  /// step, so whatever breaks a step off, the next start goes on with that step. `lastUser` is the
  /// version that used the directory last, as far as is known.
  ///
  /// @throws ProblemException if the directory is not to be touched by this program
  /// @throws IOException if a step failed; the files are in the hands of that step
  void bringUpToDate(Path root, String lastUser) throws ProblemException, IOException {
    switch (inspect(root)) {
      case Found.Fresh() -> mark(root, number());
      case Found.Unmarked() -> {
        mark(root, 1);
        migrate(root, 1);
      }
      case Found.Marked(var format) when format > number() -> throw newer(root, format, lastUser);
      case Found.Marked(var format) -> migrate(root, format);
      case Found.Unreadable(var what) ->
          throw refused(
              root,
              "its file " + FILE + " holds " + what + " where one whole number should stand",
              "Restore a backup into another folder; or, if the files here are sound and were"
                  + " written by this version, write "
                  + number()
                  + " into that file.");
    }
  }

  private void migrate(Path root, int from) throws IOException {
    for (var migration : migrations.subList(from - 1, migrations.size())) {
      log.info(
          "Migrating {} to format {}: {}; do not use an older version on it from now on",
          root,
          migration.to(),
          migration.does());
      migration.step().run(root);
      mark(root, migration.to());
    }
  }

  private static void mark(Path root, int format) throws IOException {
    Durable.replace(root.resolve(FILE), (format + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private ProblemException newer(Path root, int format, String lastUser) {
    return refused(
        root,
        "it is in format "
            + format
            + " and this version knows formats up to "
            + number()
            + ": a newer version of Millrace ("
            + lastUser
            + ") has used it",
        "Run that version or a newer one; or restore a backup that this version made:"
            + " millrace restore FILE --data-dir OTHER.");
  }

  private static ProblemException refused(Path root, String what, String fix) {
    return new ProblemException(
        Problem.error(
            "E_DATA_FORMAT",
            Location.of(root.toString()),
            "the data directory cannot be used: " + what,
            fix));
  }
}
