package dev.millrace.net.websocket;

import java.util.Map;

/// What became of an attempt to connect.
public sealed interface ConnectOutcome {

  /// The handshake is done; the listener has had its `opened`.
  record Connected(WebSocketConnection connection) implements ConnectOutcome {}

  /// The server answered something else than 101. Header names are lower case; `body` is the
  /// beginning of its answer, at most 4 KiB. Redirects are not followed.
  record Refused(int status, Map<String, String> headers, String body) implements ConnectOutcome {}

  /// There was no usable answer; `why` is a sentence that names the server, without credentials or
  /// query.
  record Failed(String why) implements ConnectOutcome {}
}
