package dev.millrace.gateway.http;

import dev.millrace.net.http.RequestHead;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/// The id that a request keeps from the client through the log into the answer.
final class RequestIds {
  static final String HEADER = "X-Request-Id";
  private static final int MAX_LENGTH = 128;

  private RequestIds() {}

  /// The client's own id when it is sane, that is short and of characters that no log or terminal
  /// minds; else a new one.
  static String of(RequestHead head) {
    var given = head.header("x-request-id").orElse("");
    return isSane(given) ? given : fresh();
  }

  static String fresh() {
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  private static boolean isSane(String id) {
    return !id.isEmpty()
        && id.length() <= MAX_LENGTH
        && id.chars()
            .allMatch(
                c ->
                    (c >= '0' && c <= '9')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= 'a' && c <= 'z')
                        || "-_.:+/=".indexOf(c) >= 0);
  }
}
