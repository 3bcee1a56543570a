package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The frames of a text file, line by line, once or over and over. From the second pass on the
/// sequences go on where those of the pass before ended. Confined to one thread.
final class FileFrames implements AutoCloseable {
  private final Path path;
  private final FileSource.Config config;

  private Lines lines;
  private LineParser parser;
  private long linesBefore; // of the passes before
  private long linesOfPass; // 0 until a pass has ended
  private long shift; // what sequences of this pass are raised by
  private long first; // sequences of the first pass, unsigned
  private long highest;
  private boolean any; // whether this pass had a frame
  private boolean known; // whether a frame has set `first`
  private boolean again; // the next line is the first of another pass
  private boolean ended;

  /// What a step came to.
  sealed interface Step {
    Step NOTHING = new Nothing();
    Step END = new End();

    record Read(Frame frame) implements Step {}

    /// A line that is none, or lies within a frame.
    record Nothing() implements Step {}

    record Refused(String reason, long line, String why) implements Step {}

    record End() implements Step {}
  }

  FileFrames(Path path, FileSource.Config config) throws IOException {
    this.path = path;
    this.config = config;
    this.lines = Lines.open(path, config.maxLine().toIntExact());
    this.parser = LineParser.of(config.format());
  }

  /// How far everything has been given out: lines, of all passes together.
  long ordinal() {
    return linesBefore + parser.covered();
  }

  /// Takes a line.
  Step step() {
    if (ended) {
      return Step.END;
    }
    try {
      if (again) {
        lines = Lines.open(path, config.maxLine().toIntExact());
        again = false;
      }
      var line = lines.next();
      long number = lines.number();
      if (line == null) {
        return endOfPass(parser.end(number), number);
      }
      if (lines.tooLong()) {
        return new Step.Refused("too_long", number, "it is longer than " + config.maxLine());
      }
      return isBlank(line) ? Step.NOTHING : step(parser.line(line, number));
    } catch (BrokenLineException broken) {
      return new Step.Refused("broken_line", lines.number(), messageOf(broken));
    } catch (IOException failure) {
      ended = true;
      return new Step.Refused(
          "unreadable", lines.number(), "the file cannot be read further: " + failure);
    }
  }

  /// Goes to where everything up to `target` has been given out.
  void skipTo(long target) {
    while (ordinal() < target && !ended) {
      var _ = step();
      if (linesOfPass > 0 && ordinal() == linesBefore) { // whole passes need no reading
        long passes = (target - ordinal()) / linesOfPass;
        linesBefore += passes * linesOfPass;
        shift += passes * span();
      }
    }
  }

  private Step step(@Nullable Frame frame) {
    if (frame == null) {
      return Step.NOTHING;
    }
    any = true;
    if (linesOfPass == 0) {
      long sequence = frame.sequence();
      first = known && Long.compareUnsigned(first, sequence) < 0 ? first : sequence;
      highest = known && Long.compareUnsigned(highest, sequence) > 0 ? highest : sequence;
      known = true;
    }
    return new Step.Read(
        shift == 0
            ? frame
            : new Frame(
                frame.timestampMicros(), frame.sequence() + shift, frame.body(), frame.metadata()));
  }

  private Step endOfPass(@Nullable Frame last, long number) throws IOException {
    var step = step(last);
    ended = !config.loop() || !any; // a file without a frame would be read for ever
    if (!ended) {
      linesOfPass = number;
      linesBefore += number;
      shift += span();
      any = false;
      lines.close();
      again = true; // what this pass ended with comes first, also if the file is gone
      parser = LineParser.of(config.format());
    }
    return step instanceof Step.Nothing && ended ? Step.END : step;
  }

  private long span() {
    return highest - first + 1;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static String messageOf(Exception failure) {
    var message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
