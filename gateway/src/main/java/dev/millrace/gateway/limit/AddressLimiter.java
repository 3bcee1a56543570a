package dev.millrace.gateway.limit;

import dev.millrace.core.time.Clock;
import dev.millrace.net.ClientNetwork;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;

/// What each address, or rather each [ClientNetwork], has left of a [Rate]. An address that has
/// everything left costs nothing; when more addresses than fit come in a short time, those seen
/// longest ago begin anew. Safe from any thread.
public final class AddressLimiter {
  private final Clock clock;
  private final RecentMap<String, Throttle> throttles;
  private final AtomicLong turnedNanos; // whoever finds it long ago moves it on

  /// `addresses` are remembered, and up to as many again that came before them.
  public AddressLimiter(int addresses, Clock clock) {
    this.clock = clock;
    this.throttles = new RecentMap<>(addresses);
    this.turnedNanos = new AtomicLong(clock.nanoTime());
  }

  /// Takes one of what `address` (an IP literal) has left, if there is one.
  public boolean take(String address, Rate rate) {
    if (rate.isUnlimited()) {
      return true;
    }
    long now = clock.nanoTime();
    forgetTheIdle(now, rate);
    return throttles.get(network(address), any -> new Throttle(now)).take(now, rate);
  }

  /// Whether [#take] would refuse; remembers nothing.
  public boolean isExhausted(String address, Rate rate) {
    if (rate.isUnlimited()) {
      return false;
    }
    long now = clock.nanoTime();
    forgetTheIdle(now, rate);
    var throttle = throttles.get(network(address));
    return throttle != null && throttle.isExhausted(now, rate);
  }

  /// Addresses remembered, for tests and curious operators.
  public int size() {
    return throttles.size();
  }

  /// Who was idle for a whole refill has everything again, so forgetting changes nothing.
  private void forgetTheIdle(long now, Rate rate) {
    long turned = turnedNanos.get();
    if (now - turned >= rate.refillNanos() && turnedNanos.compareAndSet(turned, now)) {
      throttles.turn();
    }
  }

  private static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    int zone = address.indexOf('%');
    try {
      var literal = InetAddress.ofLiteral(zone < 0 ? address : address.substring(0, zone));
      return ClientNetwork.of(literal).getHostAddress();
    } catch (IllegalArgumentException notAnAddress) {
      return address;
    }
  }
}
