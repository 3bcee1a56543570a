package dev.millrace.gateway.wse;

import dev.millrace.core.route.Principal;
import dev.millrace.net.http.RequestHead;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// What the handshake said, and who the connection is from now on. `topics` are those of the
/// address, null when it has no such parameter.
record ClientInfo(
    ClientName name, ClientFacts facts, @Nullable List<String> topics, String endpoint) {
  private static final int MAX_VERSION_LENGTH = 64;
  private static final String DEFAULT_HOST = "localhost";

  /// A connection's id says nothing of its user.
  static ClientInfo of(RequestHead request, Principal caller) {
    var random = ThreadLocalRandom.current();
    var user = caller.kind() == Principal.Kind.ANONYMOUS ? null : caller.name();
    var name = new ClientName(random.nextLong(), random.nextLong(), random.nextLong(), user);
    return new ClientInfo(
        name,
        new ClientFacts(
            shortened(request.queryValue("client_version").orElse("unknown")),
            protocolVersion(request.queryValue("protocol_version").orElse("1")),
            flag(request, "compression", true),
            flag(request, "encryption", false),
            flag(request, "message_signing", false),
            request.queryValue("format").orElse("").contains("msgpack"),
            ClientFacts.NO_FEATURES),
        request.queryValue("topics").map(ClientInfo::topics).orElse(null),
        (request.secure() ? "wss://" : "ws://")
            + request.header("host").orElse(DEFAULT_HOST)
            + "/wse");
  }

  static String shortened(String version) {
    return version.substring(0, Math.min(version.length(), MAX_VERSION_LENGTH));
  }

  /// The value was decoded before, so escaped commas part names like bare ones.
  private static List<String> topics(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(topic -> !topic.isEmpty())
        .distinct()
        .toList();
  }

  private static boolean flag(RequestHead request, String name, boolean fallback) {
    return switch (request.queryValue(name).orElse("").toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> fallback;
    };
  }

  private static int protocolVersion(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException unreadable) {
      return 1; // an odd version is no reason to turn a client away
    }
  }
}
