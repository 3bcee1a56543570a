package dev.millrace.gateway.auth;

import dev.millrace.net.http.RequestHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Requests as a caller makes them: `cookie: …`, `authorization: …` and `?token=…` in words.
final class Callers {
  static final String REMOTE = "203.0.113.9";

  private Callers() {}

  static RequestHead caller(String localAddress, String... shown) {
    return caller(REMOTE, localAddress, shown);
  }

  static RequestHead caller(String remoteAddress, String localAddress, String[] shown) {
    var headers = new LinkedHashMap<String, String>();
    var query = new LinkedHashMap<String, List<String>>();
    for (var one : shown) {
      if (one.startsWith("?")) {
        int equals = one.indexOf('=');
        query.put(one.substring(1, equals), List.of(one.substring(equals + 1)));
      } else {
        int colon = one.indexOf(": ");
        headers.put(one.substring(0, colon), one.substring(colon + 2));
      }
    }
    var local = new InetSocketAddress(InetAddress.ofLiteral(localAddress), 8080);
    return new RequestHead(
        "GET", "/", "/", Map.copyOf(query), Map.copyOf(headers), remoteAddress, local, false);
  }

  /// `admitted NAME KIND ROLE` or `STATUS CODE message`.
  static String describe(Admission admission) {
    return switch (admission) {
      case Admission.Admitted(var who, var _) ->
          "admitted " + who.name() + " " + who.kind() + " " + who.role();
      case Admission.Rejected(int status, var code, var message, var _) ->
          status + " " + code + " " + message;
    };
  }
}
