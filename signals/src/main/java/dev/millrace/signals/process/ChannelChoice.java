package dev.millrace.signals.process;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.Samples;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which channels of a frame a node changes: those that are named, or all where none is.
final class ChannelChoice {
  private final Set<String> names; // empty for all

  /// Makes new samples of those of one channel.
  @FunctionalInterface
  interface Change {
    SampleBuffer apply(String name, double[] samples);
  }

  ChannelChoice(List<String> names) {
    this.names = Set.copyOf(names);
  }

  /// The samples of a frame; none of an empty one.
  ///
  /// @throws IllegalArgumentException if the frame carries something else
  static Samples samplesOf(Frame frame) {
    return switch (frame.body()) {
      case Samples samples -> samples;
      case Body.Empty() -> Samples.NONE;
      case Body.Text text -> throw notSamples("text");
      case Body.JsonBytes json -> throw notSamples("JSON");
    };
  }

  /// How many channels of a frame are chosen.
  int of(Samples samples) {
    if (names.isEmpty()) {
      return samples.count();
    }
    int chosen = 0;
    for (int i = 0; i < samples.count(); i++) {
      chosen += names.contains(samples.name(i)) ? 1 : 0;
    }
    return chosen;
  }

  /// The samples with the chosen channels changed. Channels without a sample stay as they are; so
  /// does everything if nothing is to be changed.
  Samples change(Samples samples, Change change) {
    @Nullable SampleBuffer @Nullable [] fresh = null;
    for (int i = 0; i < samples.count(); i++) {
      var channel = samples.channel(i);
      if (channel.length > 0 && (names.isEmpty() || names.contains(samples.name(i)))) {
        if (fresh == null) {
          fresh = new @Nullable SampleBuffer[samples.count()];
        }
        fresh[i] = change.apply(samples.name(i), channel);
      }
    }
    return fresh == null ? samples : samples.replaced(fresh);
  }

  private static IllegalArgumentException notSamples(String what) {
    return new IllegalArgumentException("the frame carries " + what + " instead of samples");
  }
}
