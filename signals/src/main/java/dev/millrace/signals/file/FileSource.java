package dev.millrace.signals.file;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads frames from a text file as a [FileSink] writes them, with the timestamps and sequences
/// that stand there. A broken line is counted, and its neighbours are delivered.
///
/// The position is the file's content and the line. It is one that may repeat, for the sequences
/// are the file's own and say nothing of lines.
public final class FileSource implements Source, Stateful {
  private static final int LINES_PER_POLL = 65_536;

  private final Config config;

  private @Nullable NodeContext context; // both set by open
  private @Nullable FileFrames frames;
  private Path path = Path.of("");
  private String stream = "";
  private boolean drained;

  /// The keys of a `FileSource`.
  public record Config(
      @About("The file to read, under the data directory.") String path,
      @About(
              "csv: a line per sample (timestamp, sequence_id, channel, index, value), jsonl: the"
                  + " whole frame on a line.")
          @Default("jsonl")
          FileFormat format,
      @About("Begins again at the end; sequences go on rising. Otherwise the source ends there.")
          @Default("false")
          boolean loop,
      @About("Lines longer than this are passed over and counted.")
          @Default("64MiB")
          @Range(min = 1, max = 256 << 20)
          ByteSize maxLine) {}

  public FileSource(Config config) {
    this.config = config;
  }

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    context = opened;
    path = opened.resolve(config.path());
    FileProblems.mustExist(path);
    try {
      stream = "frames:" + ContentId.of(path);
      frames = new FileFrames(path, config);
    } catch (IOException failure) {
      throw FileProblems.unreadable(path, failure);
    }
    frames.skipTo(opened.resumeAfter(stream).orElse(0));
  }

  @Override
  public Progress poll(Outlet outlet, int limit) {
    int emitted = 0;
    for (int line = 0; line < LINES_PER_POLL && emitted < limit; line++) {
      if (drained) {
        return Progress.DONE;
      }
      switch (opened().step()) {
        case FileFrames.Step.Read(var frame) -> {
          outlet.emit(frame);
          emitted++;
        }
        case FileFrames.Step.Nothing() -> {}
        case FileFrames.Step.Refused(var reason, var number, var why) ->
            context().rejected(reason, path + ":" + number + ": " + why);
        case FileFrames.Step.End() -> {
          return Progress.DONE;
        }
      }
    }
    return Progress.MORE;
  }

  @Override
  public SourcePosition position() {
    return SourcePosition.repeating(stream, opened().ordinal());
  }

  @Override
  public void drain() {
    drained = true; // lines of a frame that is not whole are not in the position either
  }

  @Override
  public void close() {
    try {
      if (frames != null) {
        frames.close();
      }
    } catch (IOException failure) {
      context().rejected("close", path + " could not be closed: " + failure);
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeUTF(stream);
    out.writeLong(opened().ordinal());
  }

  @Override
  public void restore(DataInput in) throws IOException {
    var saved = in.readUTF();
    long ordinal = in.readLong();
    if (!saved.equals(stream)) {
      throw new IOException(path + " holds something else than when this was saved");
    }
    opened().close();
    frames = new FileFrames(path, config);
    frames.skipTo(ordinal);
  }

  private NodeContext context() {
    return Objects.requireNonNull(context, "the source is not open");
  }

  private FileFrames opened() {
    return Objects.requireNonNull(frames, "the source is not open");
  }
}
