package dev.millrace.core.node;

import dev.millrace.core.frame.Frame;
import java.util.List;

/// A node that keeps frames for whoever asks.
public interface ReadableSink extends Processor {

  /// What it has kept, oldest first, with samples of their own. Any thread, also after `close`.
  List<Frame> frames();
}
