package dev.millrace.net.websocket;

import dev.millrace.net.NetSpec;
import java.time.Duration;

/// Limits of one endpoint. `pingInterval` zero sends no pings; otherwise a peer that sends nothing
/// at all for `pongTimeout` after a ping is cut.
public record WebSocketLimits(
    int maxMessageBytes, Duration closeTimeout, Duration pingInterval, Duration pongTimeout) {

  public WebSocketLimits {
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException("maxMessageBytes " + maxMessageBytes + " < 1");
    }
    if (!pingInterval.isZero() && pongTimeout.isZero()) {
      throw new IllegalArgumentException("pings every " + pingInterval + " need a pong timeout");
    }
  }

  /// What the configuration says, without pings.
  public static WebSocketLimits of(NetSpec spec) {
    return new WebSocketLimits(
        spec.maxMessage().toIntExact(), spec.closeTimeout(), Duration.ZERO, Duration.ZERO);
  }

  public WebSocketLimits withMaxMessageBytes(int bytes) {
    return new WebSocketLimits(bytes, closeTimeout, pingInterval, pongTimeout);
  }

  public WebSocketLimits withPings(Duration interval, Duration timeout) {
    return new WebSocketLimits(maxMessageBytes, closeTimeout, interval, timeout);
  }
}
