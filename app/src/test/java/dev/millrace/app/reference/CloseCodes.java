package dev.millrace.app.reference;

import dev.millrace.net.websocket.CloseCode;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What the close codes of WebSockets mean. A test finds a code in the source that is missing here,
/// and one here that is nowhere any more.
final class CloseCodes {
  private static final Pattern CONSTANT = Pattern.compile("int [A-Z_]+ = ((?:1|4)\\d{3});");
  private static final Pattern LISTED = Pattern.compile("\\b[A-Z]+\\((4\\d{3}), \"");

  /// On `/ws/noc` a caller that is not let in is closed with this and its status.
  private static final int REJECTED = 4_000;

  private CloseCodes() {}

  static SortedMap<Integer, String> all() {
    var codes = new TreeMap<Integer, String>();
    codes.put(
        CloseCode.NORMAL, "The client closed; or nothing came from it for `hub.idle_timeout`.");
    codes.put(CloseCode.PROTOCOL_ERROR, "The peer broke RFC 6455.");
    codes.put(1_003, "`/ws/noc`: a binary message.");
    codes.put(CloseCode.INVALID_PAYLOAD, "A text message or a close reason is not UTF-8.");
    codes.put(CloseCode.TOO_BIG, "A message is over the limit.");
    codes.put(
        CloseCode.SERVER_ERROR,
        "A defect of the server, or nearly every message of the connection failed.");
    codes.put(CloseCode.RESTART, "The server stops. Connect again in a while.");
    codes.put(
        CloseCode.TRY_LATER,
        "Too much incomplete input on all connections, or too many failed attempts from the"
            + " address. Connect again later.");
    codes.put(
        4_000,
        "`/ws/noc`: ten messages within ten seconds could not be read. `/wse`: another connection"
            + " of the user has taken the place of this one; `hub.max_connections_per_user`.");
    codes.put(4_008, "`/ws/noc`: the console does not keep up.");
    codes.put(
        4_010, "`/wse`: an operator ended the connection, with this code if no other was given.");
    codes.put(4_029, "`/ws/noc`: there are `server.max_noc_clients` already.");
    codes.put(
        4_401,
        "No sound credentials; or the token has expired, or is no longer in the configuration."
            + " Connect again with another one.");
    codes.put(4_403, "The role does not suffice, or no longer; or a page of a foreign origin.");
    codes.put(4_429, "`/ws/noc`: too many failed attempts from the address.");
    codes.put(4_503, "`/wse`: the client reads too slowly, or there are too many connections.");
    return codes;
  }

  /// The codes that `source` closes with.
  static SortedSet<Integer> usedIn(SourceCode source) {
    var used = new TreeSet<Integer>();
    source.all(CONSTANT).stream().map(Integer::valueOf).forEach(used::add);
    source.all(LISTED).stream().map(Integer::valueOf).forEach(used::add);
    for (int status : new int[] {401, 403, 429}) {
      used.add(REJECTED + status);
    }
    // Declared because peers report or send them; sent by nobody here.
    used.remove(CloseCode.NO_CODE);
    used.remove(CloseCode.ABNORMAL);
    used.remove(CloseCode.GOING_AWAY);
    used.remove(CloseCode.POLICY);
    return used;
  }
}
