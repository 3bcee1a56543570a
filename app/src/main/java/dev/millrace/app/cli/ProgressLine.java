package dev.millrace.app.cli;

import dev.millrace.control.log.Terminal;
import java.io.PrintWriter;

/// One line on a terminal that says how far a long command has come, written over itself. Nothing
/// is written anywhere else. Closing takes it away.
final class ProgressLine implements AutoCloseable {
  private static final String CLEAR = "\r\u001b[2K";
  private static final long INTERVAL_NANOS = 200_000_000;

  private final PrintWriter out;
  private final boolean shown;
  private long lastNanos = System.nanoTime() - INTERVAL_NANOS;

  private ProgressLine(PrintWriter out, boolean shown) {
    this.out = out;
    this.shown = shown;
  }

  static ProgressLine onTerminal(PrintWriter out) {
    return new ProgressLine(out, Terminal.isTerminal());
  }

  /// Shows `text` unless the last one was shown a moment ago.
  void show(String text) {
    long now = System.nanoTime();
    if (shown && now - lastNanos >= INTERVAL_NANOS) {
      lastNanos = now;
      out.print(CLEAR + "  " + text);
      out.flush();
    }
  }

  @Override
  public void close() {
    if (shown) {
      out.print(CLEAR);
      out.flush();
    }
  }
}
