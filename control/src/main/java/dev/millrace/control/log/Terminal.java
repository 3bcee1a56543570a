package dev.millrace.control.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Whether a person is looking.
public final class Terminal {
  private Terminal() {}

  /// Whether a person is looking at standard output.
  @SuppressWarnings("SystemConsoleNull") // it is, when the JDK's own console is asked for
  public static boolean isTerminal() {
    var console = System.console();
    return console != null && console.isTerminal();
  }

  /// Whether the stream `descriptor` (1 or 2) may carry colours: it is a terminal itself, whatever
  /// standard output is, and nobody has asked for none (`NO_COLOR`, or a `TERM` that is `dumb`).
  static boolean takesColours(int descriptor, Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb")
        && isDevice(descriptor);
  }

  private static boolean isDevice(int descriptor) {
    try {
      var device = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException notLinux) {
      return isTerminal();
    }
  }
}
