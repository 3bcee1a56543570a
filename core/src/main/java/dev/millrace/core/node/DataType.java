package dev.millrace.core.node;

import java.util.Locale;

/// What flows over a port, as far as a graph can be checked for it.
public enum DataType {
  /// Whatever comes; fits everything.
  ANY,
  /// Empty frames that only say when.
  TRIGGER,
  /// Channels of samples.
  AUDIO_FRAME,
  /// Channels of spectra.
  FFT_RESULT,
  JSON,
  TEXT;

  /// Whether an edge may lead from a port of this type into one of `other`.
  public boolean fits(DataType other) {
    return this == other || this == ANY || other == ANY;
  }

  /// As palettes and messages write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
