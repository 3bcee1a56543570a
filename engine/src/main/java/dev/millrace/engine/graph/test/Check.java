package dev.millrace.engine.graph.test;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.NonFinite;
import dev.millrace.core.spec.Range;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is expected of one frame of a node, or of each, in one channel, or in each.
public record Check(
    @About("Which frame, from 0; without it each.") @Range(min = 0) @Nullable Integer frame,
    @About("Which channel the numbers are about; without it each.") @Nullable String channel,
    @About("Root of the mean square.") @NonFinite @Nullable Double rms,
    @About("Mean.") @NonFinite @Nullable Double mean,
    @About("Largest magnitude.") @NonFinite @Nullable Double peak,
    @About("Samples in the channel.") @Range(min = 0) @Nullable Integer length,
    @About("The names of all channels, in any order.") @Nullable List<String> channels,
    @About("Metadata that must be there, beside others.") Map<String, String> metadata,
    @About("The frame's sequence.") @Nullable Long sequenceId,
    @About("How far numbers may be off; without it the target's.") @Range(min = 0)
        @Nullable Double tolerance) {
  public Check {
    if (rms == null
        && mean == null
        && peak == null
        && length == null
        && channels == null
        && metadata.isEmpty()
        && sequenceId == null) {
      throw new IllegalArgumentException("a check has nothing to look at; give it rms, or length");
    }
  }

  boolean looksAtChannels() {
    return rms != null || mean != null || peak != null || length != null;
  }
}
