package dev.millrace.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Where to subscribe and where to publish, and with which token if any; `{topic}` in a path stands
/// for the topic's name, and `publishAddress`, if any, is another server than the subscribers'.
/// Loopback only: a measurement over a network measures the network, and a
/// load generator must not be pointed at strangers.
public record Target(
    InetSocketAddress address,
    Protocol protocol,
    String subscribePath,
    String publishPath,
    @Nullable String token,
    @Nullable InetSocketAddress publishAddress) {
  private static final String TOPIC = "{topic}";

  /// What is spoken there.
  public enum Protocol {
    WEB_SOCKET,
    REDIS
  }

  public Target {
    var ip = address.getAddress();
    if (ip == null || !ip.isLoopbackAddress()) {
      throw new IllegalArgumentException(address + " is not a loopback address");
    }
  }

  /// WebSockets, without a token.
  public Target(InetSocketAddress address, String subscribePath, String publishPath) {
    this(address, Protocol.WEB_SOCKET, subscribePath, publishPath, null, null);
  }

  /// The reference hub at `base`: one topic, whatever it is called.
  public static Target reference(URI base) {
    return new Target(loopback(base), "/sub", "/pub");
  }

  /// A Millrace server at `base`, plain frames.
  public static Target millrace(URI base) {
    return new Target(
        loopback(base), "/wse?topics={topic}&compression=false", "/ws/publish/{topic}");
  }

  /// A Redis server at `base`.
  public static Target redis(URI base) {
    return new Target(loopback(base), Protocol.REDIS, TOPIC, TOPIC, null, null);
  }

  public Target withToken(String newToken) {
    return new Target(address, protocol, subscribePath, publishPath, newToken, publishAddress);
  }

  /// With publishers on the server at `base`.
  public Target publishingAt(URI base) {
    return new Target(address, protocol, subscribePath, publishPath, token, loopback(base));
  }

  /// For the publishers.
  Target forPublishers() {
    return publishAddress == null
        ? this
        : new Target(publishAddress, protocol, subscribePath, publishPath, token, null);
  }

  private static InetSocketAddress loopback(URI base) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), base.getPort());
  }

  String host() {
    return "127.0.0.1:" + address.getPort();
  }

  String subscribePath(String topic) {
    return subscribePath.replace(TOPIC, topic);
  }

  String publishPath(String topic) {
    return publishPath.replace(TOPIC, topic);
  }
}
