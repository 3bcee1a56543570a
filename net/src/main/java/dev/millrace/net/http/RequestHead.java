package dev.millrace.net.http;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything of a request but its body.
///
/// `rawPath` is as it came, percent-encoded, and `path` the same decoded; whoever splits a path
/// splits the raw one and decodes the parts. `query` has decoded names and values in order. Header
/// names are lower case; values of a header that came more than once are joined by `, ` (`Cookie`
/// by `; `). `remoteAddress` is an IP literal, `localAddress` where the connection came in,
/// `secure` whether over TLS.
public record RequestHead(
    String method,
    String rawPath,
    String path,
    Map<String, List<String>> query,
    Map<String, String> headers,
    String remoteAddress,
    InetSocketAddress localAddress,
    boolean secure) {

  /// Without headers and query, which may hold credentials.
  @Override
  public String toString() {
    return method + " " + path + " from " + remoteAddress;
  }

  public Optional<String> header(String lowerCaseName) {
    return Optional.ofNullable(headers.get(lowerCaseName));
  }

  /// The first value of a query parameter.
  public Optional<String> queryValue(String name) {
    var values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  /// The first cookie of this name, quotes removed. Source: RFC 6265, section 5.4.
  public Optional<String> cookie(String name) {
    for (var pair : headers.getOrDefault("cookie", "").split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
        var value = pair.substring(equals + 1).strip();
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return Optional.of(quoted ? value.substring(1, value.length() - 1) : value);
      }
    }
    return Optional.empty();
  }
}
