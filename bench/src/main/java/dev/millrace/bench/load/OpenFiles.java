package dev.millrace.bench.load;

import java.lang.management.ManagementFactory;

/// How many connections a process may have.
public final class OpenFiles {
  private static final int OTHERS = 500; // jars, logs, the sockets besides

  private OpenFiles() {}

  /// Each connection is an open file, here and in the server.
  ///
  /// @param option where the number came from
  /// @throws IllegalArgumentException if there may not be so many
  public static void require(String option, int connections) {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.UnixOperatingSystemMXBean system) {
      long files = system.getMaxFileDescriptorCount();
      if (connections > files - OTHERS) {
        throw new IllegalArgumentException(
            "%s %d needs more than the %d files that a process may open here; raise it"
                    .formatted(option, connections, files)
                + " (ulimit -n) or take fewer");
      }
    }
  }
}
