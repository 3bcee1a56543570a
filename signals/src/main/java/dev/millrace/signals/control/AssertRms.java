package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// Hands on frames whose root mean square is as expected, and fails on others.
public final class AssertRms implements Processor {
  private final Config config;

  /// The keys of an `AssertRMS`.
  public record Config(
      @About("The root mean square that the samples should have.") @Range(min = 0)
          double expectedRms,
      @About(
              "How far off it may be, as a share of expected_rms: 0.01 is one per cent. Where"
                  + " expected_rms is 0 it is the difference itself.")
          @Default("0.01")
          @Range(min = 0)
          double tolerance,
      @About("The channel to check; empty: each of them.") @Default("") String channel) {}

  public AssertRms(Config config) {
    this.config = config;
  }

  /// @throws IllegalStateException if the frame is not as expected; the message has both numbers
  @Override
  public void process(Frame frame, Outlet outlet) {
    int checked = 0;
    if (frame.body() instanceof Samples samples) {
      for (int i = 0; i < samples.count(); i++) {
        if (config.channel().isEmpty() || samples.name(i).equals(config.channel())) {
          check(samples.name(i), samples.channel(i));
          checked++;
        }
      }
    }
    if (checked == 0) {
      throw new IllegalStateException(
          (config.channel().isEmpty() ? "no channel" : "no channel " + config.channel())
              + " to check, where an RMS of "
              + config.expectedRms()
              + " was expected");
    }
    outlet.emit(frame);
  }

  private void check(String channel, double[] samples) {
    double rms = Levels.rms(samples);
    double expected = config.expectedRms();
    double allowed = config.tolerance() * (expected == 0 ? 1 : expected);
    if (!(Math.abs(rms - expected) <= allowed)) { // also where it is NaN
      throw new IllegalStateException(
          "channel "
              + channel
              + " has an RMS of "
              + rms
              + " where "
              + expected
              + " was expected, give or take "
              + allowed);
    }
  }
}
