package dev.millrace.gateway.session;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// What a connection speaks. Ids begin with a prefix that tells.
public enum SessionKind {
  WSE("ws_"),
  SSE("sse_"),
  PUBLISH("pub_"),
  INBOUND("in_");

  private final String prefix;

  SessionKind(String prefix) {
    this.prefix = prefix;
  }

  /// As it is written.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<SessionKind> named(String label) {
    return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
  }

  /// The id of one more connection.
  public String newId() {
    return id(ThreadLocalRandom.current().nextLong());
  }

  /// The id of the connection with that number.
  public String id(long number) {
    var digits = HexFormat.of().toHexDigits(number);
    return prefix + digits.substring(0, 8) + '_' + digits.substring(8);
  }

  /// Whether an id may be that of a connection of this kind.
  public boolean isId(String id) {
    return id.length() == prefix.length() + 17 && id.startsWith(prefix);
  }
}
