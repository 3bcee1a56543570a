package dev.millrace.bench.reference;

import java.io.IOException;

/// Ends a reference with the process that started it, which holds the other end of its standard
/// input.
final class ParentWatch {
  private ParentWatch() {}

  /// Runs `atEnd` on a thread of its own when standard input ends.
  static void start(Runnable atEnd) {
    Thread.ofPlatform()
        .daemon()
        .name("reference-parent-watch")
        .start(
            () -> {
              awaitEndOfInput();
              atEnd.run();
            });
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Nobody says anything here; only the end counts.
      }
    } catch (IOException gone) {
      System.err.println("standard input broke: " + gone);
    }
  }
}
