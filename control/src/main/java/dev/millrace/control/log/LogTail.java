package dev.millrace.control.log;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// The newest log records of one reader, at most so many a second. Closing ends it.
public interface LogTail extends AutoCloseable {

  /// Records since the last call, oldest first, as they stand in a JSON log.
  List<ObjectNode> take();

  /// Records left out since the last call because there were too many.
  long suppressed();

  @Override
  void close();
}
