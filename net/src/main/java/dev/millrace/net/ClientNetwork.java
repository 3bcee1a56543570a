package dev.millrace.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// What limits per address go by. An IPv6 address counts as its network of 64 bits, which is what
/// one customer gets and may change addresses within as often as it likes.
public final class ClientNetwork {
  private static final int HOST_FROM = 8;

  private ClientNetwork() {}

  /// The address itself, or the first of its network.
  public static InetAddress of(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    var bytes = address.getAddress();
    Arrays.fill(bytes, HOST_FROM, bytes.length, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("16 bytes are an address", impossible);
    }
  }
}
