package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.NetSpec;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/// Why input never became a request, and what its sender is told; `reason` is the metric's label.
record Rejection(int status, String code, String message, String reason) {
  static final Rejection TOO_SLOW =
      new Rejection(408, "TOO_SLOW", "the request did not arrive in time", "too_slow");
  static final Rejection EXPECTATION =
      new Rejection(
          417, "EXPECTATION_FAILED", "the only expectation met is 100-continue", "expectation");
  static final Rejection OUT_OF_MEMORY =
      new Rejection(
          503,
          "OVERLOADED",
          "too much unfinished input is on its way; try again in a second",
          "memory");
  static final Rejection PLAIN_HTTP =
      new Rejection(
          400, "TLS_WANTED", "this port speaks TLS only; begin the address with https://", "plain");

  static Rejection malformed(RequestHeads.Malformed malformed) {
    return new Rejection(malformed.status(), "BAD_REQUEST", malformed.what(), "malformed");
  }

  static Rejection bodyTooLong(NetSpec spec) {
    return new Rejection(
        413, "BODY_TOO_LARGE", "the body is longer than " + spec.maxRequestBody(), "body_too_long");
  }

  static Rejection undecoded(DecoderResult result, NetSpec spec) {
    return switch (result.cause()) {
      case TooLongHttpLineException tooLong ->
          new Rejection(
              414,
              "URI_TOO_LONG",
              "the request line is longer than " + spec.maxRequestHead(),
              "line_too_long");
      case TooLongHttpHeaderException tooLong ->
          new Rejection(
              431,
              "HEADERS_TOO_LARGE",
              "the headers are longer than " + spec.maxRequestHead(),
              "headers_too_long");
      default ->
          new Rejection(400, "BAD_REQUEST", "these bytes are not an HTTP/1.1 request", "malformed");
    };
  }

  Response answer(HttpService service) {
    return service.malformed(status, code, message);
  }
}
