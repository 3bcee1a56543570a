package dev.millrace.gateway.http;

/// Whose web pages may open a WebSocket endpoint.
public enum OriginPolicy {
  /// What `server.allowed_origins` says; unset, pages of this server and programs without Origin.
  CONFIGURED,
  /// Everybody: the endpoint is public by nature.
  ANY
}
