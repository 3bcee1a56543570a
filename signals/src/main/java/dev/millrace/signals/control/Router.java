package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;

/// Sends each frame to the branch `true` or `false`, as a number about it compares to a threshold.
/// Edges without a branch get every frame.
public final class Router implements Processor {
  public static final String TRUE = "true";
  public static final String FALSE = "false";

  private final FrameMeasure measure;
  private final Comparison comparison;
  private final double threshold;

  /// The keys of a `Router`.
  public record Config(
      @About(
              "What is compared: rms, peak (largest absolute value) or mean of the samples,"
                  + " channel-count, or metadata:<key> for the number in a metadata entry. Without"
                  + " samples the first three are 0; an entry that is missing or no number is NaN,"
                  + " for which only != holds.")
          @Default("rms")
          String metric,
      @About("How it is compared to the threshold: >, >=, <, <=, == or !=.") @Default(">")
          String op,
      @About("What it is compared to.") @Default("0") double threshold,
      @About("The channel whose samples count; empty: all of them together.") @Default("")
          String channel) {
    public Config {
      FrameMeasure.parse(metric, channel);
      Comparison.parse(op);
    }
  }

  public Router(Config config) {
    this.measure = FrameMeasure.parse(config.metric(), config.channel());
    this.comparison = Comparison.parse(config.op());
    this.threshold = config.threshold();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    outlet.emit(frame, comparison.holds(measure.of(frame), threshold) ? TRUE : FALSE);
  }
}
