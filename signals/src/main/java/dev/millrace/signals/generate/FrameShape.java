package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.signals.process.Positive;

/// The keys that all generators share.
public record FrameShape(
    @About("Samples a second; above 0.")
        @Default("48000.0")
        @Hint(min = 8_000, max = 192_000, warns = false)
        double sampleRate,
    @About("Samples in each frame.") @Default("1024") @Range(min = 1, max = 16_777_216)
        int frameSize,
    @About("The largest value; negative turns the signal upside down.") @Default("1.0")
        double amplitude,
    @About("The channel that is written. Others in a frame that comes in stay as they are.")
        @Default("main_channel")
        String channel) {
  public FrameShape {
    Positive.require("sample_rate", sampleRate);
  }
}
