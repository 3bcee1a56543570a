package dev.millrace.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/// Where to subscribe and where to publish. Loopback only: a measurement over a network measures
/// the network, and a load generator must not be pointed at strangers.
public record Target(InetSocketAddress address, String subscribePath, String publishPath) {

  public Target {
    var ip = address.getAddress();
    if (ip == null || !ip.isLoopbackAddress()) {
      throw new IllegalArgumentException(address + " is not a loopback address");
    }
  }

  /// The reference hub at `base`.
  public static Target reference(URI base) {
    return new Target(loopback(base), "/sub", "/pub");
  }

  /// A Millrace server at `base`: one topic, plain frames.
  public static Target millrace(URI base) {
    return new Target(loopback(base), "/wse?topics=bench&compression=false", "/ws/publish/bench");
  }

  private static InetSocketAddress loopback(URI base) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), base.getPort());
  }

  String host() {
    return "127.0.0.1:" + address.getPort();
  }
}
