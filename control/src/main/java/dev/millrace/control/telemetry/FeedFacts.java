package dev.millrace.control.telemetry;

import dev.millrace.gateway.wse.ClientDesk;
import dev.millrace.hub.SendLatency;
import org.jspecify.annotations.Nullable;

/// What a [FeedTick] says beyond what the hub counts, at one moment. `keptBytes` are there for
/// clients that come back; `capacity` is how many messages may wait for the loops; `clients` are
/// the [#TOP] furthest behind, null when the loops did not answer; `cluster` is null without one.
public record FeedFacts(
    SendLatency latency,
    long keptBytes,
    @Nullable Integer capacity,
    ClientDesk.@Nullable Answer clients,
    @Nullable Cluster cluster) {
  /// How many connections are listed.
  public static final int TOP = 20;

  /// How this instance stands with the others.
  public record Cluster(int deadLetters, boolean reachable, long publishErrors) {}
}
