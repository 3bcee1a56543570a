package dev.millrace.gateway.wse;

import dev.millrace.gateway.session.SessionKind;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The names of one connection and its user. Whoever came without credentials is a user of its own,
/// named by 32 hex digits; the texts are made when somebody asks, because tens of thousands of
/// connections are never asked.
///
/// @param known the user as the credentials say, or null
record ClientName(long high, long low, long connection, @Nullable String known) {
  String connectionId() {
    return SessionKind.WSE.id(connection);
  }

  boolean isConnection(String id) {
    return SessionKind.WSE.isId(id) && id.equals(connectionId());
  }

  String userId() {
    var hex = HexFormat.of();
    return known != null ? known : hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
