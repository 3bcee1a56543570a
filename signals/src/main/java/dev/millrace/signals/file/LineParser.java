package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.problem.ProblemException;
import org.jspecify.annotations.Nullable;

/// Makes frames of lines. Confined to one thread.
sealed interface LineParser permits LineParser.JsonLines, CsvParser {

  /// Takes a line; gives the frame that it completes, or null. A line that breaks the rules changes
  /// nothing.
  @Nullable Frame line(byte[] line, long number) throws BrokenLineException;

  /// The frame that the end of the file completes, or null.
  @Nullable Frame end(long number);

  /// The last line that everything up to has been given out of.
  long covered();

  static LineParser of(FileFormat format) {
    return switch (format) {
      case CSV -> new CsvParser();
      case JSONL -> new JsonLines();
    };
  }

  /// A frame on each line.
  final class JsonLines implements LineParser {
    private long covered;

    @Override
    public Frame line(byte[] line, long number) throws BrokenLineException {
      covered = number;
      try {
        return FrameJson.read(line);
      } catch (ProblemException broken) {
        var problem = broken.problem();
        throw new BrokenLineException(problem.what() + " " + problem.location().pointer());
      }
    }

    @Override
    public @Nullable Frame end(long number) {
      covered = number;
      return null;
    }

    @Override
    public long covered() {
      return covered;
    }
  }
}
