package dev.millrace.core.route;

import java.util.Locale;

/// A part of what a server shows that can be served, and opened to anonymous callers, on its own.
public enum Surface {
  WSE,
  SSE,
  PUBLISH,
  INBOUND,
  MIRROR,
  FEED,
  CLASSIFY,
  /// The operators' socket.
  NOC,
  /// Reading over REST.
  API,
  /// Commands and the configuration.
  ADMIN;

  /// As it is written in configurations.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The surface of a REST route at `path`, unless the route says otherwise.
  public static Surface of(String path) {
    return path.startsWith("/api/v1/admin/") ? ADMIN : API;
  }
}
