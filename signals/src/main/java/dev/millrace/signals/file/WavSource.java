package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.signals.sample.ChannelNames;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads a WAV file in frames of equal length, the last one as short as it is. Channels are `ch0`,
/// `ch1` and so on, with `sample_rate` as metadata; timestamps count from the file's first sample,
/// sequences frames from 0. The position is exact: the file's content and the frame.
public final class WavSource implements Source, Stateful {
  private static final int MOST_SAMPLES = 1 << 24; // of all channels of a frame

  private final Config config;

  private @Nullable Reading reading; // set by open
  private boolean drained;

  /// The keys of a `WavSource`.
  public record Config(
      @About("The file to read, under the data directory.") String path,
      @About("Samples of each channel in a frame.") @Default("1024") @Range(min = 1, max = 1 << 20)
          int frameSize) {}

  public WavSource(Config config) {
    this.config = config;
  }

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext context) throws ProblemException {
    var path = context.resolve(config.path());
    FileProblems.mustExist(path);
    RandomAccessFile file = null;
    try {
      var stream = "wav:" + ContentId.of(path) + ":" + config.frameSize();
      file = new RandomAccessFile(path.toFile(), "r");
      var header = WavHeader.read(path, file);
      if ((long) header.channels() * config.frameSize() > MOST_SAMPLES) {
        throw FileProblems.wrong(
            path,
            "has " + header.channels() + " channels, too many for frames of " + config.frameSize(),
            "Make frame_size smaller.");
      }
      if (header.missingBytes() > 0) {
        context.rejected(
            "truncated",
            path + " lacks " + header.missingBytes() + " bytes of its samples; the rest is read");
      }
      reading = new Reading(context, path, file, header, stream);
      reading.next = context.resumeAfter(stream).orElse(-1) + 1;
    } catch (IOException failure) {
      throw FileProblems.unreadable(path, failure);
    } finally {
      if (reading == null && file != null) {
        closeQuietly(context, path, file);
      }
    }
  }

  @Override
  public Progress poll(Outlet outlet, int limit) throws IOException {
    var here = opened();
    for (int i = 0; i < limit && !drained; i++) {
      if (!here.emitNext(outlet)) {
        return Progress.DONE;
      }
    }
    return drained ? Progress.DONE : Progress.MORE;
  }

  @Override
  public @Nullable SourcePosition position() {
    var here = opened();
    return here.next == 0 ? null : SourcePosition.exact(here.stream, here.next - 1);
  }

  @Override
  public void drain() {
    drained = true;
  }

  @Override
  public void close() {
    if (reading != null) {
      closeQuietly(reading.context, reading.path, reading.file);
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeUTF(opened().stream);
    out.writeLong(opened().next);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    var stream = in.readUTF();
    long next = in.readLong();
    if (!stream.equals(opened().stream) || next < 0) {
      throw new IOException(opened().path + " holds something else than when this was saved");
    }
    opened().next = next;
  }

  private Reading opened() {
    return Objects.requireNonNull(reading, "the source is not open");
  }

  private static void closeQuietly(NodeContext context, Path path, RandomAccessFile file) {
    try {
      file.close();
    } catch (IOException failure) {
      context.rejected("close", path + " could not be closed: " + failure);
    }
  }

  /// What lives from open to close.
  private final class Reading {
    private final NodeContext context;
    private final Path path;
    private final RandomAccessFile file;
    private final WavHeader header;
    private final String stream;
    private final ChannelNames names = new ChannelNames();
    private final Metadata metadata;
    private final byte[] bytes;
    private long next; // the frame

    Reading(
        NodeContext context, Path path, RandomAccessFile file, WavHeader header, String stream) {
      this.context = context;
      this.path = path;
      this.file = file;
      this.header = header;
      this.stream = stream;
      this.metadata = Metadata.NONE.with("sample_rate", String.valueOf(header.sampleRate()));
      long blocks = Math.min(config.frameSize(), header.blocks());
      this.bytes = new byte[(int) blocks * header.blockBytes()];
    }

    /// False at the end.
    boolean emitNext(Outlet outlet) throws IOException {
      long first = Math.min(next, header.blocks()) * config.frameSize();
      int count = (int) Math.min(config.frameSize(), header.blocks() - first);
      if (count <= 0) {
        return false;
      }
      file.seek(header.dataFrom() + first * header.blockBytes());
      read(count * header.blockBytes());
      var lent = new SampleBuffer[header.channels()];
      int width = header.encoding().bytes();
      for (int channel = 0; channel < lent.length; channel++) {
        lent[channel] = context.samples().take(count);
        var out = lent[channel].array();
        header.encoding().read(bytes, channel * width, header.blockBytes(), out);
      }
      long micros = Math.round(first * 1e6 / header.sampleRate());
      outlet.emit(new Frame(micros, next, names.samples(lent), metadata));
      next++;
      return true;
    }

    private void read(int count) throws IOException {
      try {
        file.readFully(bytes, 0, count);
      } catch (EOFException shorter) {
        throw new IOException(path + " has become shorter while it was read", shorter);
      }
    }
  }
}
