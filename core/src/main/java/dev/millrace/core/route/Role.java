package dev.millrace.core.route;

import java.util.Locale;

/// What a caller is trusted with; each role may do what those before it may.
public enum Role {
  /// Reads.
  VIEWER,
  /// Publishes.
  PUBLISHER,
  /// Pauses, starts, restarts, sets log levels.
  OPERATOR,
  /// Reloads and changes the configuration, takes backups.
  ADMIN;

  /// Whether this role may do what `least` may.
  public boolean covers(Role least) {
    return compareTo(least) >= 0;
  }

  /// As it is written in configurations and tokens.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
