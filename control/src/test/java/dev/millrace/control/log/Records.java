package dev.millrace.control.log;

import java.time.Instant;
import java.util.List;
import org.slf4j.event.Level;

/// Records for tests.
final class Records {
  private Records() {}

  static LogRecord of(Level level, String text) {
    return new LogRecord(Instant.EPOCH, level, "x", Clipped.of(text, 100), null, List.of(), null);
  }
}
