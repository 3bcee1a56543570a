package dev.millrace.gateway.auth;

import dev.millrace.net.http.RequestHead;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds what a request shows for itself. The first source that has something decides; what it has
/// is not made up for by another. Source: RFC 6750, section 2.
final class Credential {
  /// The cookie of browsers, which cannot set headers on a WebSocket.
  static final String COOKIE = "access_token";

  /// Longer ones are refused unread.
  static final int MAX_LENGTH = 8 << 10;

  private static final String SCHEME = "bearer ";

  /// What careless scripts write into a cookie when they mean nothing.
  private static final Set<String> NOTHING = Set.of("", "undefined", "null");

  private Credential() {}

  /// The credential, or null when the request shows none.
  static @Nullable String of(RequestHead head, boolean queryToo) {
    var cookie = head.cookie(COOKIE).orElse("");
    if (!NOTHING.contains(cookie)) {
      return cookie;
    }
    var header = head.header("authorization").orElse("").strip();
    if (header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      var bearer = header.substring(SCHEME.length()).strip();
      if (!bearer.isEmpty()) {
        return bearer;
      }
    }
    if (queryToo) {
      var query = head.queryValue("token").or(() -> head.queryValue("access_token")).orElse("");
      return query.isEmpty() ? null : query;
    }
    return null;
  }
}
