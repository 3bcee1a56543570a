package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
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
public final class FileSink implements Processor, Stateful {
  private static final Logger log = LoggerFactory.getLogger(FileSink.class);

  private final Config config;
  private final FrameLines lines;
  private final Output.Opener opener;

  private @Nullable NodeContext context; // all set by open
  private @Nullable Begun begun;
  private @Nullable Output output; // null once the file has its name
  private Path target = Path.of("");
  private Path working = Path.of("");
  private boolean started; // whether this instance knows where to go on
  private int unflushed;
  private volatile long held; // written by the sink's thread, read by whoever drains

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
    this.config = config;
    this.opener = opener;
    this.lines = FrameLines.of(config.format());
  }

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    context = opened;
    begun = opened.kept(Begun.class, Begun::new);
    target = opened.resolve(config.path());
    working = config.append() ? target : target.resolveSibling(target.getFileName() + ".part");
    try {
      if (begun.file && !Files.exists(working) && Files.exists(target)) {
        Files.move(target, working, StandardCopyOption.ATOMIC_MOVE);
      }
      output = new Output(opened, working, opener);
    } catch (IOException failure) {
      throw FileProblems.unwritable(working, failure);
    }
  }

  @Override
  public boolean ready() {
    return output == null || output.ready();
  }

  @Override
  public void process(Frame frame, Outlet outlet) throws IOException {
    start();
    switch (lines.of(frame)) {
      case FrameLines.Lines.Written(var bytes) -> {
        out().put(bytes, bytes.length);
        unflushed++;
      }
      case FrameLines.Lines.Refused(var reason, var sentence) ->
          opened().rejected(reason, sentence);
    }
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    if (unflushed >= config.flushEvery()) {
      flush();
    }
    held = unflushed;
  }

  @Override
  public void idle(Outlet outlet) {
    if (unflushed > 0 && ready()) {
      flush();
    }
    held = unflushed;
  }

  @Override
  public void finish(Outlet outlet) throws IOException {
    start();
    publish();
  }

  @Override
  public long heldFrames() {
    return held;
  }

  @Override
  public void close() {
    if (output == null) {
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
      closeQuietly();
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    start();
    out().write();
    out().force();
    unflushed = 0;
    out.writeLong(out().end());
  }

  @Override
  public void restore(DataInput in) throws IOException {
    long length = in.readLong();
    if (out().length() < length && !config.append() && Files.exists(target)) {
      // The run ended after the checkpoint, so its file has its name already.
      out().close();
      Files.move(
          target, working, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      output = new Output(opened(), working, opener);
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

  private void flush() {
    if (out().flush()) {
      unflushed = 0;
    }
  }

  /// Everything to the disk, and the file under its name.
  private void publish() throws IOException {
    out().write();
    out().force();
    out().close();
    output = null;
    unflushed = 0;
    held = 0;
    if (!working.equals(target)) {
      Files.move(
          working, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void discardIfEmpty() throws IOException {
    boolean empty = out().length() == 0;
    out().close();
    output = null;
    if (empty) {
      Files.deleteIfExists(working);
    }
  }

  private void closeQuietly() {
    try {
      if (output != null) {
        output.close();
      }
    } catch (IOException failure) {
      log.warn("{} could not be closed: {}", working, failure.toString());
    }
    output = null;
  }

  private NodeContext opened() {
    return Objects.requireNonNull(context, "the sink is not open");
  }

  private Begun begunFile() {
    return Objects.requireNonNull(begun, "the sink is not open");
  }

  private Output out() {
    return Objects.requireNonNull(output, "the sink is not open");
  }
}
