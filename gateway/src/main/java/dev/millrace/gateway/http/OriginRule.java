package dev.millrace.gateway.http;

import dev.millrace.net.http.RequestHead;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which web pages may use this server.
///
/// Programs send no `Origin` and are let in. A page may write and open WebSockets when it comes
/// from this very server or its origin is in the list. On a loopback address the `Host` header must
/// name the machine itself, so that a page that has rebound its own name to 127.0.0.1 gets nowhere.
/// Immutable.
public final class OriginRule {
  private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

  private final Set<String> allowed;
  private final Set<String> allowedHosts;

  /// Origins as browsers send them: `https://console.example`. `*` allows all.
  public OriginRule(List<String> allowedOrigins) {
    this.allowed =
        allowedOrigins.stream()
            .map(origin -> origin.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    this.allowedHosts =
        allowed.stream().map(OriginRule::hostOfOrigin).collect(Collectors.toUnmodifiableSet());
  }

  /// Why a plain request is refused, or null. Reading is left to the browser's own rules.
  public @Nullable String objectionToRequest(RequestHead head) {
    var host = objectionToHost(head);
    return host != null || SAFE_METHODS.contains(head.method()) ? host : objectionToOrigin(head);
  }

  /// Why a handshake is refused, or null. Browsers let any page open a WebSocket, so the server is
  /// the one who looks.
  public @Nullable String objectionToHandshake(RequestHead head) {
    var host = objectionToHost(head);
    return host != null ? host : objectionToOrigin(head);
  }

  private @Nullable String objectionToHost(RequestHead head) {
    var local = head.localAddress().getAddress();
    if (local == null || !local.isLoopbackAddress()) {
      return null; // a public name is the operator's business
    }
    var host = hostName(head.header("host").orElse(""));
    return host.isEmpty() || isThisMachine(host, local) || allowedHosts.contains(host)
        ? null
        : "the Host header names another machine; use localhost, or add the name's origin to"
            + " server.allowed_origins";
  }

  private @Nullable String objectionToOrigin(RequestHead head) {
    var given = head.header("origin").orElse(null);
    if (given == null || allowed.contains("*")) {
      return null;
    }
    var origin = given.strip().toLowerCase(Locale.ROOT);
    var host = head.header("host").orElse("").strip().toLowerCase(Locale.ROOT);
    boolean sameOrigin = !host.isEmpty() && origin.equals("http://" + withoutDefaultPort(host));
    return sameOrigin || allowed.contains(origin)
        ? null
        : "pages from this origin may not use this server; add it to server.allowed_origins if they"
            + " shall";
  }

  private static boolean isThisMachine(String host, InetAddress local) {
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return true;
    }
    try {
      var literal = InetAddress.ofLiteral(host);
      return literal.isLoopbackAddress() || literal.equals(local);
    } catch (IllegalArgumentException name) {
      return false;
    }
  }

  /// The name without port and brackets, lower case.
  private static String hostName(String hostHeader) {
    var host = hostHeader.strip().toLowerCase(Locale.ROOT);
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return end < 0 ? host : host.substring(1, end);
    }
    int colon = host.indexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }

  private static String withoutDefaultPort(String host) {
    return host.endsWith(":80") ? host.substring(0, host.length() - 3) : host;
  }

  private static String hostOfOrigin(String origin) {
    try {
      var host = new URI(origin).getHost();
      return host == null ? origin : host;
    } catch (URISyntaxException notAnOrigin) {
      return origin;
    }
  }
}
