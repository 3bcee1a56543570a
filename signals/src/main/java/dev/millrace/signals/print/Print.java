package dev.millrace.signals.print;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.signals.control.Levels;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;

/// Prints each frame's number, time and the mean and strength of its channels:
///
/// ```
/// [Output] Frame #7 @ 1000μs
///   main_channel: len=1024, mean=0.0737, rms=1.7748
///   other: empty
/// ```
public final class Print extends Printer {
  private final String label;

  /// The keys of a `Print`.
  public record Config(
      @About("What stands in brackets before each frame, to tell one printer from another.")
          @Default("Output")
          String label) {}

  public Print(Config config, Supplier<PrintStream> streams) {
    super(streams);
    this.label = config.label();
  }

  /// The type, whose nodes print to what `streams` gives them when they open.
  public static NodeType<Config> type(Supplier<PrintStream> streams) {
    return NodeType.transform(
            "Print",
            "Prints each frame, with mean and root mean square of its channels, and hands it on.",
            Config.class,
            config -> new Print(config, streams))
        .alsoCalled("print")
        .asStateless()
        .shownAs(new Palette("Print", Palette.Category.SINKS, DataType.ANY, DataType.ANY));
  }

  @Override
  String text(Frame frame) {
    var text = new StringBuilder(96);
    text.append('[')
        .append(label)
        .append("] Frame #")
        .append(Long.toUnsignedString(frame.sequence()))
        .append(" @ ")
        .append(Long.toUnsignedString(frame.timestampMicros()))
        .append("\u03BCs\n");
    if (frame.body() instanceof Samples samples) {
      for (int i = 0; i < samples.count(); i++) {
        append(text, samples.name(i), samples.channel(i));
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String name, double[] samples) {
    text.append("  ").append(name);
    if (samples.length == 0) {
      text.append(": empty\n");
    } else {
      text.append(": len=")
          .append(samples.length)
          .append(String.format(Locale.ROOT, ", mean=%.4f", Levels.mean(samples)))
          .append(String.format(Locale.ROOT, ", rms=%.4f\n", Levels.rms(samples)));
    }
  }
}
