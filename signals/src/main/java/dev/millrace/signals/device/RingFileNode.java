package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.signals.sample.ChannelNames;
import java.io.IOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/// Keeps the newest samples in a [RingFile] for programs that draw them. Frames without channels
/// are left out.
final class RingFileNode implements Processor {
  private final Config config;
  private final ChannelNames names = new ChannelNames();
  private @Nullable RingFile file; // from open to close

  /// The keys of a `RingFileSink`.
  record Config(
      @About("The file, made anew at each start.") String path,
      @About("Samples a second, which together with seconds gives the size.")
          @Default("48000")
          @Range(min = 1)
          @Hint(min = 8_000, max = 192_000, warns = false)
          int sampleRate,
      @About("How much of the past the file holds.") @Default("10") @Range(min = 1, max = 86_400)
          int seconds,
      @About("How many channels frames have, named ch0, ch1 and so on.")
          @Default("1")
          @Hint(min = 1, max = 32, warns = false)
          int numChannels) {
    Config {
      DeviceTypes.checkChannels(numChannels);
    }
  }

  RingFileNode(Config config) {
    this.config = config;
  }

  /// Mapped pages are read and written by the operating system when it likes.
  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext context) throws ProblemException {
    var path = context.resolve(config.path());
    try {
      var folder = path.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      file = new RingFile(path, config.sampleRate(), config.numChannels(), config.seconds());
    } catch (IOException | IllegalArgumentException failure) {
      throw new ProblemException(
          Problem.error(
              "E_NODE_CREATE",
              Location.of(path.toString()),
              "the ring file cannot be made: " + failure.getMessage(),
              "Choose another path, or fewer seconds."),
          failure);
    }
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (file == null) {
      throw new IllegalStateException("a frame came before open or after close");
    }
    if (frame.body() instanceof Samples samples && samples.count() > 0) {
      file.write(names.arrays(samples));
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
