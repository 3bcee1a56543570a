package dev.millrace.signals.generate;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.signals.process.AddedMetadata;
import dev.millrace.signals.process.SampleRate;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts the next samples of a waveform into each frame that comes in, in a channel of their own.
/// The frame keeps its timestamp, sequence, metadata and other channels, and gets the metadata
/// `sample_rate` unless it has one. A body that is no samples is replaced.
///
/// The waveform starts anew in each run and goes on from frame to frame within it; a checkpoint
/// continues it bit for bit.
final class Generator implements Processor, Stateful {
  private static final int STATE_VERSION = 1;

  private final Waveform wave;
  private final String channel;
  private final int frameSize;
  private final AddedMetadata rate;
  private @Nullable SampleLender lender; // set by open, before any frame

  Generator(Waveform wave, FrameShape shape) {
    this.wave = wave;
    this.channel = shape.channel();
    this.frameSize = shape.frameSize();
    this.rate = AddedMetadata.ifAbsent(Map.of(SampleRate.KEY, SampleRate.text(shape.sampleRate())));
  }

  @Override
  public void open(NodeContext context) {
    lender = context.samples();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (lender == null) {
      throw new IllegalStateException("a frame came before open");
    }
    var buffer = lender.take(frameSize);
    wave.fill(buffer.array());
    var before = frame.body() instanceof Samples samples ? samples : Samples.NONE;
    outlet.emit(
        new Frame(
            frame.timestampMicros(),
            frame.sequence(),
            before.with(channel, buffer),
            rate.to(frame.metadata())));
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeByte(STATE_VERSION);
    out.writeLong(wave.position());
  }

  @Override
  public void restore(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != STATE_VERSION) {
      throw new IOException("a generator's state of version " + version + ", not " + STATE_VERSION);
    }
    try {
      wave.moveTo(in.readLong());
    } catch (IllegalArgumentException other) {
      throw new IOException("the state is not of this generator: " + other.getMessage(), other);
    }
  }
}
