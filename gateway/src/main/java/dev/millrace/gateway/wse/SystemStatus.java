package dev.millrace.gateway.wse;

import java.util.Map;

/// How the machine and the parts of the process are, for clients that show it. Shares are in
/// percent; `parts` are components by name and whether they are well.
public record SystemStatus(
    double cpuPercent, double memoryPercent, double uptimeSeconds, Map<String, Boolean> parts) {
  /// Nobody has looked.
  public static final SystemStatus UNKNOWN = new SystemStatus(0, 0, 0, Map.of());

  public SystemStatus {
    parts = Map.copyOf(parts);
  }

  /// Asked on the loops, so it must know already: it must not block and not enter native code.
  @FunctionalInterface
  public interface Source {
    SystemStatus now();
  }
}
