package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.signals.sample.SampleFormat;
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
public final class WavSink extends GatheringSink {
  static final long MOST_BYTES = 0xFFFF_FFFFL - 64; // the format counts bytes in 32 bits

  private static final Logger log = LoggerFactory.getLogger(WavSink.class);

  private final Config config;
  private final Output.Opener opener;
  private final long mostBytes;

  private @Nullable Begun begun; // both set by open
  private Path path = Path.of("");
  private boolean started; // whether this instance knows where to go on
  private byte[] block = new byte[0];

  /// The keys of a `WavSink`.
  public record Config(
      @About("The file to write, under the data directory. Directories are made.") String path,
      @About(
              "How samples are written: u8, i16, i24, i32, f32 or f64. Whole numbers hold samples"
                  + " from -1 to 1 and clip others.")
          @Default("f32")
          SampleFormat format,
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
    super(config.flushEvery());
    this.config = config;
    this.opener = opener;
    this.mostBytes = mostBytes;
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    begun = opened.kept(Begun.class, Begun::new);
    path = opened.resolve(config.path());
    try {
      writesTo(new Output(opened, path, opener), opened);
    } catch (IOException failure) {
      throw FileProblems.unwritable(path, failure);
    }
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
    gathered();
  }

  @Override
  public void finish(Outlet outlet) throws IOException {
    end();
  }

  @Override
  public void close() {
    if (!isOpen()) {
      return;
    }
    try {
      end();
    } catch (IOException failure) {
      log.warn("{} could not be finished: {}", path, failure.toString());
      abandonOutput();
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    var shape = shapeOf().shape;
    out.writeBoolean(shape != null);
    if (shape != null) {
      start(shape);
      writeAll();
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

  @Override
  void beforeFlush() {
    var shape = shapeOf().shape;
    if (shape != null) {
      out().head(shape.header(out().end() - WavHeader.LENGTH));
    }
  }

  private void writeAll() throws IOException {
    beforeFlush();
    out().write();
    written();
  }

  private void end() throws IOException {
    if (!isOpen()) {
      return;
    }
    if (started) {
      writeAll();
      if ((out().end() & 1) == 1) { // a chunk has an even length, and its size does not say so
        out().put(new byte[1], 1);
        out().write();
      }
      out().force();
    }
    boolean nothing = !started && out().length() == 0;
    closeOutput();
    if (nothing) {
      Files.deleteIfExists(path);
    }
  }

  private Begun shapeOf() {
    return Objects.requireNonNull(begun, "the sink is not open");
  }
}
