package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.time.Duration;

/// The section `hub.sse`: limits of server-sent events. Each holds from the next connection on, but
/// for the heartbeat, which holds at once.
public record SseSpec(
    @About("Connections at one time; one more is answered 503.")
        @Default("10000")
        @Range(min = 1, max = 10_000_000)
        int maxConnections,
    @About("Topics that one connection may ask for.") @Default("64") @Range(min = 1, max = 256)
        int maxTopics,
    @About("A connection on which nothing was sent for so long gets a comment.")
        @Default("15s")
        @Range(min = 1, max = 3_600)
        Duration heartbeatInterval,
    @About("How long clients are told to wait before they connect again; up to twice as long.")
        @Default("2s")
        @Range(min = 0.1, max = 600)
        Duration retry) {

  public static SseSpec defaults() {
    return Spec.of(SseSpec.class).defaults();
  }
}
