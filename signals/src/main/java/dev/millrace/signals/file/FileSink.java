package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes frames into a text file. Unless it appends, it writes under the name with `.part` behind
/// it and renames at its close, so that what bears the name is whole.
///
/// A node that a strategy restarts goes on where the one before it was. A full disk holds the
/// frames up until there is room again. A checkpoint has the length of the file, and restoring it
/// cuts off what came later, so that each frame stands there once.
public final class FileSink extends GatheringSink {
  private static final Logger log = LoggerFactory.getLogger(FileSink.class);

  private final Config config;
  private final FrameLines lines;
  private final Output.Opener opener;

  private @Nullable Begun begun; // all set by open
  private Path target = Path.of("");
  private Path working = Path.of("");
  private boolean started; // whether this instance knows where to go on

  /// The keys of a `FileSink`.
  public record Config(
      @About("The file to write, under the data directory. Directories are made.") String path,
      @About(
              "csv: a line per sample (timestamp, sequence_id, channel, index, value), jsonl: the"
                  + " whole frame on a line.")
          @Default("jsonl")
          FileFormat format,
      @About(
              "Writes behind what is there. Otherwise a new file is written as <path>.part and"
                  + " takes the place of the old one when the pipeline ends.")
          @Default("false")
          boolean append,
      @About(
              "How many frames to gather before they are written; none waits when no further frame"
                  + " does.")
          @Default("1")
          @Range(min = 1, max = 1_000_000)
          int flushEvery) {}

  /// Whether the node's place in the pipeline has begun its file; instances follow one another.
  private static final class Begun {
    private boolean file;
  }

  public FileSink(Config config) {
    this(config, Output::open);
  }

  FileSink(Config config, Output.Opener opener) {
    super(config.flushEvery());
    this.config = config;
    this.opener = opener;
    this.lines = FrameLines.of(config.format());
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    begun = opened.kept(Begun.class, Begun::new);
    target = opened.resolve(config.path());
    working = config.append() ? target : opened.resolve(target + ".part");
    try {
      if (begun.file && !Files.exists(working) && Files.exists(target)) {
        Files.move(target, working, StandardCopyOption.ATOMIC_MOVE);
      }
      writesTo(new Output(opened, working, opener), opened);
    } catch (IOException failure) {
      throw FileProblems.unwritable(working, failure);
    }
  }

  @Override
  public void process(Frame frame, Outlet outlet) throws IOException {
    start();
    switch (lines.of(frame)) {
      case FrameLines.Lines.Written(var bytes) -> {
        out().put(bytes, bytes.length);
        gathered();
      }
      case FrameLines.Lines.Refused(var reason, var sentence) ->
          opened().rejected(reason, sentence);
    }
  }

  @Override
  public void finish(Outlet outlet) throws IOException {
    start();
    publish();
  }

  @Override
  public void close() {
    if (!isOpen()) {
      return;
    }
    try {
      if (started) {
        publish();
      } else {
        discardIfEmpty();
      }
    } catch (IOException failure) {
      log.warn(
          "{} could not be finished ({}); what was written stands in {}",
          target,
          failure.toString(),
          working);
      abandonOutput();
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    start();
    out().write();
    out().force();
    written();
    out.writeLong(out().end());
  }

  @Override
  public void restore(DataInput in) throws IOException {
    long length = in.readLong();
    if (out().length() < length && !config.append() && Files.exists(target)) {
      // The run ended after the checkpoint, so its file has its name already.
      closeOutput();
      Files.move(
          target, working, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      writesTo(new Output(opened(), working, opener), opened());
    }
    if (length < 0 || out().length() < length) {
      throw new IOException(
          working + " has " + out().length() + " bytes, and " + length + " when it was saved");
    }
    out().continueAt(length);
    started = true;
    begunFile().file = true;
  }

  /// Before the first frame: the file is new, or goes on.
  private void start() throws IOException {
    if (started) {
      return;
    }
    if (!config.append() && !begunFile().file) {
      out().continueAt(0);
    } else {
      out().continueAt(out().length());
      if (out().endsWithinLine()) { // a process was killed while it wrote
        out().put(new byte[] {'\n'}, 1);
      }
    }
    if (out().end() == 0) {
      var header = lines.header().getBytes(StandardCharsets.UTF_8);
      out().put(header, header.length);
    }
    started = true;
    begunFile().file = true;
  }

  /// Everything to the disk, and the file under its name.
  private void publish() throws IOException {
    out().write();
    out().force();
    closeOutput();
    if (!working.equals(target)) {
      Files.move(
          working, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void discardIfEmpty() throws IOException {
    boolean empty = out().length() == 0;
    closeOutput();
    if (empty) {
      Files.deleteIfExists(working);
    }
  }

  private Begun begunFile() {
    return Objects.requireNonNull(begun, "the sink is not open");
  }
}
