package dev.millrace.net;

import dev.millrace.core.metric.Metric;

/// What `net` counts. Reasons are constants of this module, so their number is bounded.
public enum NetMetric implements Metric {
  CONNECTIONS_OPEN(
      "connections_open", Kind.GAUGE, "Sockets that clients have open to this process."),
  CONNECTIONS_ARRIVING(
      "connections_arriving",
      Kind.GAUGE,
      "Open sockets from which no whole request head has come yet."),
  CONNECTIONS("connections_total", Kind.COUNTER, "Sockets accepted."),
  CONNECTIONS_REFUSED(
      "connections_refused_total", Kind.COUNTER, "Sockets closed as soon as accepted.", "reason"),
  HTTP_REQUESTS(
      "http_requests_total",
      Kind.COUNTER,
      "HTTP answers by class of status, such as 2xx.",
      "class"),
  HTTP_REJECTED(
      "http_rejected_total",
      Kind.COUNTER,
      "Requests that never reached a route: garbage, over a limit, too slow.",
      "reason"),
  FILE_ANSWERS_OPEN("file_answers_open", Kind.GAUGE, "Files on their way to clients."),
  FILE_ANSWERS(
      "file_answers_total",
      Kind.COUNTER,
      "Files that were to be sent, by outcome: sent, refused (too many), failed (the disk),"
          + " abandoned (the client left or took nothing).",
      "outcome"),
  LIVE_ANSWERS_OPEN("live_answers_open", Kind.GAUGE, "Answers without an end on their way."),
  LIVE_ANSWERS(
      "live_answers_total",
      Kind.COUNTER,
      "Answers that are made while they are sent, such as taps, by outcome: sent (to their end),"
          + " refused (too many), failed (whoever makes it), abandoned (the client left or took"
          + " nothing).",
      "outcome"),
  TLS_HANDSHAKES("tls_handshakes_total", Kind.COUNTER, "TLS handshakes completed as a server."),
  TLS_HANDSHAKE_FAILURES(
      "tls_handshake_failures_total",
      Kind.COUNTER,
      "Connections to a TLS port that ended before the handshake did.",
      "reason"),
  WEBSOCKETS("websockets_total", Kind.COUNTER, "WebSocket handshakes completed, by half.", "half"),
  MESSAGES_IN("websocket_messages_in_total", Kind.COUNTER, "Whole WebSocket messages received."),
  BYTES_IN("bytes_in_total", Kind.COUNTER, "Bytes read from sockets."),
  BYTES_OUT("bytes_out_total", Kind.COUNTER, "Bytes handed to sockets."),
  PROTOCOL_ERRORS(
      "websocket_protocol_errors_total",
      Kind.COUNTER,
      "WebSocket connections failed because the peer broke the protocol or a limit.",
      "reason"),
  CLOSE_TIMEOUTS(
      "websocket_close_timeouts_total",
      Kind.COUNTER,
      "WebSocket connections cut because the closing handshake or a pong was late."),
  CALLBACK_FAILURES(
      "callback_failures_total",
      Kind.COUNTER,
      "Exceptions that came out of a service or listener; each is also in the log.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  NetMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_net_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
