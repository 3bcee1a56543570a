package dev.millrace.connect.jetstream;

import dev.millrace.core.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// What a client asks a server for, as address and first message. Immutable.
final class Subscription {
  /// More accounts than this make a request line that servers refuse; they go in a message.
  private static final int MOST_DIDS_IN_ADDRESS = 500;

  private final List<String> collections;
  private final List<String> dids;

  Subscription(List<String> collections, List<String> dids) {
    this.collections = collections;
    this.dids = dids;
  }

  /// The address of `host`, which is a name, a name and port, or an address.
  ///
  /// @throws IllegalArgumentException with a sentence if it is none of these
  static URI address(String host) {
    var text = host.contains("://") ? host : "wss://" + host;
    try {
      var uri = new URI(text);
      boolean webSocket = "ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme());
      if (webSocket && uri.getHost() != null && uri.getRawUserInfo() == null) {
        var path = uri.getRawPath();
        return path == null || path.isEmpty() || path.equals("/")
            ? new URI(uri.getScheme() + "://" + uri.getRawAuthority() + "/subscribe")
            : uri;
      }
    } catch (URISyntaxException wrong) {
      // The sentence below says what is right.
    }
    throw new IllegalArgumentException(
        "hosts has \"" + host + "\"; write a host name, or an address such as ws://localhost:6008");
  }

  /// The address to connect to, with its query.
  URI uri(URI host, OptionalLong cursor) {
    var query = new ArrayList<String>();
    if (host.getRawQuery() != null) {
      query.add(host.getRawQuery());
    }
    collections.forEach(collection -> query.add("wantedCollections=" + encoded(collection)));
    if (isTooLongForAddress()) {
      query.add("requireHello=true");
    } else {
      dids.forEach(did -> query.add("wantedDids=" + encoded(did)));
    }
    cursor.ifPresent(timeUs -> query.add("cursor=" + timeUs));
    var base = host.getScheme() + "://" + host.getRawAuthority() + host.getRawPath();
    return URI.create(query.isEmpty() ? base : base + "?" + String.join("&", query));
  }

  /// Whether the server waits for [#hello] before it sends anything.
  boolean isTooLongForAddress() {
    return dids.size() > MOST_DIDS_IN_ADDRESS;
  }

  /// The `options_update` that says what the address could not.
  String hello() {
    var message = Json.mapper().createObjectNode().put("type", "options_update");
    var payload = message.putObject("payload");
    collections.forEach(payload.putArray("wantedCollections")::add);
    dids.forEach(payload.putArray("wantedDids")::add);
    return message.toString();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
