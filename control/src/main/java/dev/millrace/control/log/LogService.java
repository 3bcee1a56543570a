package dev.millrace.control.log;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.event.Level;
import tools.jackson.databind.node.ObjectNode;

/// The logs of the process. Safe from any thread.
public final class LogService {

  /// Records of `least` and above whose component begins with `target`, at most `limitPerSecond`.
  public LogTail tail(Level least, String target, int limitPerSecond) {
    return new LogTail() {
      @Override
      public List<ObjectNode> take() {
        return List.of();
      }

      @Override
      public long suppressed() {
        return 0;
      }

      @Override
      public void close() {}
    };
  }

  /// Records dropped so far because the sink could not keep up, by level.
  public Map<String, Long> droppedByLevel() {
    return new TreeMap<>();
  }
}
