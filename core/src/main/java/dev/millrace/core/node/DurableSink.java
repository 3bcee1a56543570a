package dev.millrace.core.node;

import java.util.OptionalLong;

/// A sink that keeps frames across restarts and knows how far it got.
public interface DurableSink extends Processor {

  /// The committed ordinal of `stream`, empty if this sink has none of it. Asked after [#open] and
  /// before the first frame, so that sources know where to start.
  OptionalLong committed(String stream);
}
