package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes samples into a WAV file. The sizes in its header are brought up to date with each flush,
/// so that what a killed process leaves behind can be played.
///
/// The first frame says which channels there are; a later one with others, or with channels of
/// different lengths, is an error. Frames without samples are passed over.
public final class WavSink implements Processor, Stateful {
  static final long MOST_BYTES = 0xFFFF_FFFFL - 64; // the format counts bytes in 32 bits

  private static final Logger log = LoggerFactory.getLogger(WavSink.class);

  private final Config config;
  private final Output.Opener opener;
  private final long mostBytes;

  private @Nullable NodeContext context; // all set by open
  private @Nullable Begun begun;
  private @Nullable Output output; // null once it is closed
  private Path path = Path.of("");
  private boolean started; // whether this instance knows where to go on
  private byte[] block = new byte[0];
  private int unflushed;
  private volatile long held; // written by the sink's thread, read by whoever drains

  /// The keys of a `WavSink`.
  public record Config(
      @About("The file to write, under the data directory. Directories are made.") String path,
      @About(
              "How samples are written: u8, i16, i24, i32, f32 or f64. Whole numbers hold samples"
                  + " from -1 to 1 and clip others.")
          @Default("f32")
          WavEncoding format,
      @About("Samples per second where the first frame's metadata does not say sample_rate.")
          @Default("48000")
          @Range(min = 1, max = Integer.MAX_VALUE)
          int sampleRate,
      @About(
              "How many frames to gather before they are written; none waits when no further frame"
                  + " does.")
          @Default("1")
          @Range(min = 1, max = 1_000_000)
          int flushEvery) {}

  /// What the node's place in the pipeline has begun to write; instances follow one another.
  private static final class Begun {
    private @Nullable WavShape shape;
  }

  public WavSink(Config config) {
    this(config, Output::open, MOST_BYTES);
  }

  WavSink(Config config, Output.Opener opener, long mostBytes) {
    this.config = config;
    this.opener = opener;
    this.mostBytes = mostBytes;
  }

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    context = opened;
    begun = opened.kept(Begun.class, Begun::new);
    path = opened.resolve(config.path());
    try {
      output = new Output(opened, path, opener);
    } catch (IOException failure) {
      throw FileProblems.unwritable(path, failure);
    }
  }

  @Override
  public boolean ready() {
    return output == null || output.ready();
  }

  @Override
  public void process(Frame frame, Outlet outlet) throws IOException {
    if (!(frame.body() instanceof Samples samples)) {
      opened().rejected("no_samples", "a WAV file takes channels of samples");
      return;
    }
    if (samples.count() == 0) {
      return;
    }
    var shape = shapeOf().shape;
    if (shape == null) {
      shape = WavShape.of(frame, samples, config);
    }
    int length = shape.encoded(samples); // also checks that the frame fits
    start(shape);
    if (out().end() + length > mostBytes) {
      throw new IOException(path + " is full: a WAV file ends at 4 GiB; write to another");
    }
    block = shape.encode(samples, block);
    out().put(block, length);
    unflushed++;
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
    end();
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
      end();
    } catch (IOException failure) {
      log.warn("{} could not be finished: {}", path, failure.toString());
      closeQuietly();
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    var shape = shapeOf().shape;
    out.writeBoolean(shape != null);
    if (shape != null) {
      start(shape);
      writeAll(shape);
      out().force();
      shape.save(out);
      out.writeLong(out().end());
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    if (!in.readBoolean()) {
      return;
    }
    var shape = WavShape.restore(in);
    long length = in.readLong();
    if (length < WavHeader.LENGTH || out().length() < length) {
      throw new IOException(
          path + " has " + out().length() + " bytes, and " + length + " when it was saved");
    }
    out().continueAt(length);
    shapeOf().shape = shape;
    started = true;
  }

  /// Before the first frame: the file is new, or goes on.
  private void start(WavShape shape) throws IOException {
    if (started) {
      return;
    }
    if (shapeOf().shape == null) {
      out().continueAt(0);
      out().put(shape.header(0), WavHeader.LENGTH);
    } else {
      long data = Math.max(0, out().length() - WavHeader.LENGTH);
      out().continueAt(WavHeader.LENGTH + data / shape.blockBytes() * shape.blockBytes());
    }
    shapeOf().shape = shape;
    started = true;
  }

  private void flush() {
    var shape = shapeOf().shape;
    if (shape != null) {
      out().head(shape.header(out().end() - WavHeader.LENGTH));
    }
    if (out().flush()) {
      unflushed = 0;
    }
  }

  private void writeAll(WavShape shape) throws IOException {
    out().head(shape.header(out().end() - WavHeader.LENGTH));
    out().write();
    unflushed = 0;
  }

  private void end() throws IOException {
    if (output == null) {
      return;
    }
    var shape = shapeOf().shape;
    if (started && shape != null) {
      writeAll(shape);
      if ((out().end() & 1) == 1) { // a chunk has an even length, and its size does not say so
        out().put(new byte[1], 1);
        out().write();
      }
      out().force();
    }
    boolean nothing = !started && out().length() == 0;
    out().close();
    output = null;
    held = 0;
    if (nothing) {
      Files.deleteIfExists(path);
    }
  }

  private void closeQuietly() {
    try {
      if (output != null) {
        output.close();
      }
    } catch (IOException failure) {
      log.warn("{} could not be closed: {}", path, failure.toString());
    }
    output = null;
  }

  private NodeContext opened() {
    return Objects.requireNonNull(context, "the sink is not open");
  }

  private Begun shapeOf() {
    return Objects.requireNonNull(begun, "the sink is not open");
  }

  private Output out() {
    return Objects.requireNonNull(output, "the sink is not open");
  }
}
