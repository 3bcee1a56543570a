package dev.millrace.connect.redis;

import dev.millrace.core.spec.ByteSize;
import java.time.Duration;

/// Configurations for tests.
final class Specs {
  private Specs() {}

  static ClusterSpec of(ClusterSpec.Mode mode, String url) {
    return of(mode, url, Duration.ofSeconds(2));
  }

  static ClusterSpec of(ClusterSpec.Mode mode, String url, Duration commandTimeout) {
    var defaults = ClusterSpec.defaults().broker();
    return new ClusterSpec(
        new ClusterSpec.RedisSpec(url, Duration.ofSeconds(2), commandTimeout),
        new ClusterSpec.BrokerSpec(
            mode,
            8_192,
            new ByteSize(64 << 20),
            4_096,
            131_072,
            defaults.echoTimeout(),
            defaults.breakerPause(),
            defaults.streamMaxLength(),
            defaults.streamMaxAge()),
        ClusterSpec.defaults().instanceTimeout());
  }
}
