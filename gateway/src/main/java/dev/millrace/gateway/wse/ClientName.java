package dev.millrace.gateway.wse;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The names of one connection and its user. Whoever came without credentials is a user of its own,
/// named by 32 hex digits; the texts are made when somebody asks, because tens of thousands of
/// connections are never asked.
///
/// @param known the user as the credentials say, or null
record ClientName(long high, long low, long connection, @Nullable String known) {
  private static final int ID_LENGTH = "ws_00000000_00000000".length();

  String connectionId() {
    var digits = HexFormat.of().toHexDigits(connection);
    return "ws_" + digits.substring(0, 8) + "_" + digits.substring(8);
  }

  boolean isConnection(String id) {
    return id.length() == ID_LENGTH && id.equals(connectionId());
  }

  String userId() {
    var hex = HexFormat.of();
    return known != null ? known : hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
