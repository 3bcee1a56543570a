package dev.millrace.gateway.wse;

import dev.millrace.core.route.Principal;
import dev.millrace.net.http.RequestHead;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// What the handshake said, and the names the connection got. `topics` are those of the address.
record ClientInfo(
    String userId,
    String connectionId,
    String clientVersion,
    int protocolVersion,
    List<String> topics,
    String endpoint) {
  private static final int MAX_VERSION_LENGTH = 64;
  private static final String DEFAULT_HOST = "localhost";

  /// The user is whoever the caller's credentials say; without any, every connection is a user of
  /// its own, named by 32 hex digits. A connection's id says nothing of either.
  static ClientInfo of(RequestHead request, Principal caller) {
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    var fresh = hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    var userId = caller.kind() == Principal.Kind.ANONYMOUS ? fresh : caller.name();
    var connectionId = "ws_" + fresh.substring(0, 8) + "_" + hex.toHexDigits(random.nextInt());
    var version = request.queryValue("client_version").orElse("unknown");
    return new ClientInfo(
        userId,
        connectionId,
        version.substring(0, Math.min(version.length(), MAX_VERSION_LENGTH)),
        protocolVersion(request.queryValue("protocol_version").orElse("1")),
        topics(request.queryValue("topics").orElse("")),
        (request.secure() ? "wss://" : "ws://")
            + request.header("host").orElse(DEFAULT_HOST)
            + "/wse");
  }

  /// The value was decoded before, so escaped commas part names like bare ones.
  private static List<String> topics(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(topic -> !topic.isEmpty())
        .distinct()
        .toList();
  }

  private static int protocolVersion(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException unreadable) {
      return 1; // an odd version is no reason to turn a client away
    }
  }
}
