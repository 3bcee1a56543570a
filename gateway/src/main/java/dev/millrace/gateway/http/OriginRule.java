package dev.millrace.gateway.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.http.RequestHead;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which web pages may use this server.
///
/// Programs send no `Origin` and are let in. A page may write and open WebSockets when it comes
/// from this very server or its origin is in the list. On a loopback address the `Host` header must
/// name the machine itself, so that a page that has rebound its own name to 127.0.0.1 gets nowhere.
/// Immutable: other origins are another rule.
public final class OriginRule {
  private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

  private static final String ANY = "*";
  private static final String SENT =
      "Authorization, Content-Type, X-Request-Id, If-None-Match, Last-Event-ID";
  private static final String SHOWN = "X-Request-Id, Retry-After, ETag";

  private final Set<String> allowed;
  private final Set<String> allowedHosts;

  /// Origins as browsers send them: `https://console.example`. `*` allows all.
  public OriginRule(List<String> allowedOrigins) {
    this.allowed =
        allowedOrigins.stream().map(OriginRule::normal).collect(Collectors.toUnmodifiableSet());
    this.allowedHosts =
        allowed.stream().map(OriginRule::hostOfOrigin).collect(Collectors.toUnmodifiableSet());
  }

  /// Why the page that sent a plain request may not, or null. Reading is left to the browser's own
  /// rules.
  public @Nullable String objectionToRequest(RequestHead head) {
    return SAFE_METHODS.contains(head.method()) ? null : objectionToOrigin(head);
  }

  /// Why the page that sent a handshake may not open it, or null. Browsers let any page open a
  /// WebSocket, so the server is the one who looks.
  public @Nullable String objectionToHandshake(RequestHead head) {
    return objectionToOrigin(head);
  }

  /// What the answer to `head` needs so that a page of a listed origin may read it, credentials
  /// included. Where any origin is allowed the page may read, and never with credentials. Source:
  /// the Fetch standard, section 3.2.
  public Map<String, String> headersFor(RequestHead head) {
    if (allowed.isEmpty()) {
      return Map.of();
    }
    var origin = head.header("origin").orElse(null);
    if (origin != null && allowed.contains(normal(origin))) {
      return Map.of(
          "Access-Control-Allow-Origin",
          origin.strip(),
          "Access-Control-Allow-Credentials",
          "true",
          "Access-Control-Expose-Headers",
          SHOWN,
          "Vary",
          "Origin");
    }
    return allowed.contains(ANY)
        ? Map.of("Access-Control-Allow-Origin", ANY, "Access-Control-Expose-Headers", SHOWN)
        : Map.of("Vary", "Origin");
  }

  /// Adds to the answer of a preflight what a page may send; who may send it is said by
  /// [#headersFor].
  public Response permit(Response answer, String methods) {
    return answer
        .withHeader("Access-Control-Allow-Methods", methods)
        .withHeader("Access-Control-Allow-Headers", SENT)
        .withHeader("Access-Control-Max-Age", "600");
  }

  /// Why the `Host` header is refused, or null.
  public @Nullable String objectionToHost(RequestHead head) {
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
    if (given == null || allowed.contains(ANY)) {
      return null;
    }
    var origin = normal(given);
    var host = normal(head.header("host").orElse(""));
    var own = head.secure() ? "https://" + without(host, ":443") : "http://" + without(host, ":80");
    boolean sameOrigin = !host.isEmpty() && origin.equals(own);
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

  private static String without(String host, String defaultPort) {
    return host.endsWith(defaultPort)
        ? host.substring(0, host.length() - defaultPort.length())
        : host;
  }

  private static String normal(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }

  private static String hostOfOrigin(String origin) {
    int authority = origin.indexOf("://");
    return authority < 0 ? origin : hostName(origin.substring(authority + 3));
  }
}
