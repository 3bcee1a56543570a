package dev.millrace.signals.print;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import java.io.PrintStream;
import java.util.function.Supplier;

/// Prints one line per frame: `[info] Frame 7 with 2 channels`.
public final class DebugSink extends Printer {
  private final String logLevel;

  /// The keys of a `DebugSinkNode`.
  public record Config(
      @About("What stands in brackets before each frame.") @Default("info") String logLevel) {}

  public DebugSink(Config config, Supplier<PrintStream> streams) {
    super(streams);
    this.logLevel = config.logLevel();
  }

  /// The type, whose nodes print to what `streams` gives them when they open.
  public static NodeType<Config> type(Supplier<PrintStream> streams) {
    return NodeType.transform(
            "DebugSinkNode",
            "Prints one line per frame, with the number of its channels, and hands it on.",
            Config.class,
            config -> new DebugSink(config, streams))
        .alsoCalled("debugsinknode", "debug_sink", "DebugSink")
        .asStateless()
        .shownAs(new Palette("Debug Sink", Palette.Category.SINKS, DataType.ANY, DataType.ANY));
  }

  @Override
  String text(Frame frame) {
    int channels = frame.body() instanceof Samples samples ? samples.count() : 0;
    return "["
        + logLevel
        + "] Frame "
        + Long.toUnsignedString(frame.sequence())
        + " with "
        + channels
        + " channels\n";
  }
}
