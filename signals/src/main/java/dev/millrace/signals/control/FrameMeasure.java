package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;

/// One number that says something about a frame.
sealed interface FrameMeasure {
  String METADATA = "metadata:";

  double of(Frame frame);

  /// The measure that `text` names.
  ///
  /// @throws IllegalArgumentException if it names none
  static FrameMeasure parse(String text, String channel) {
    if (text.startsWith(METADATA) && text.length() > METADATA.length()) {
      return new Entry(text.substring(METADATA.length()));
    }
    return switch (text) {
      case "rms" -> new Level(Level.Kind.RMS, channel);
      case "peak" -> new Level(Level.Kind.PEAK, channel);
      case "mean" -> new Level(Level.Kind.MEAN, channel);
      case "channel-count", "channel_count" -> new Channels();
      default ->
          throw new IllegalArgumentException(
              "metric is \""
                  + text
                  + "\"; it must be rms, peak, mean, channel-count or metadata:<key>");
    };
  }

  /// Over all samples of one channel, or of all where none is named; 0 without samples.
  record Level(Kind kind, String channel) implements FrameMeasure {
    enum Kind {
      RMS,
      PEAK,
      MEAN
    }

    @Override
    public double of(Frame frame) {
      double sum = 0;
      double peak = 0;
      long count = 0;
      if (frame.body() instanceof Samples samples) {
        for (int i = 0; i < samples.count(); i++) {
          if (channel.isEmpty() || samples.name(i).equals(channel)) {
            var values = samples.channel(i);
            count += values.length;
            switch (kind) {
              case RMS -> sum += Levels.squares(values);
              case PEAK -> peak = Math.max(peak, Levels.peak(values));
              case MEAN -> sum += Levels.mean(values) * values.length;
            }
          }
        }
      }
      if (kind == Kind.PEAK || count == 0) {
        return peak;
      }
      return kind == Kind.RMS ? Math.sqrt(sum / count) : sum / count;
    }
  }

  record Channels() implements FrameMeasure {
    @Override
    public double of(Frame frame) {
      return frame.body() instanceof Samples samples ? samples.count() : 0;
    }
  }

  /// The number in a metadata entry, NaN if there is none.
  record Entry(String key) implements FrameMeasure {
    @Override
    public double of(Frame frame) {
      var text = frame.metadata().entries().get(key);
      try {
        return text == null ? Double.NaN : Double.parseDouble(text);
      } catch (NumberFormatException noNumber) {
        return Double.NaN;
      }
    }
  }
}
