package dev.millrace.control.telemetry;

import dev.millrace.gateway.session.SessionSource;
import dev.millrace.hub.SendLatency;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What a [FeedTick] says beyond what the hub counts, at one moment. `keptBytes` are there for
/// clients that come back; `capacity` is how many messages may wait for the loops; `clients` are
/// the [#TOP] furthest behind, null when the loops did not answer; `cluster` is null without one.
public record FeedFacts(
    SendLatency latency,
    long keptBytes,
    @Nullable Integer capacity,
    SessionSource.@Nullable Answer clients,
    @Nullable Cluster cluster) {
  /// How many connections are listed.
  public static final int TOP = 20;

  /// How many topics with dead letters are named.
  public static final int DEAD_LETTER_TOPICS = 20;

  /// How this instance stands with the others. `deadLettersByTopic` has the topics that have most,
  /// these first; `retryMillis` is when it is tried again to reach the others, null while they are
  /// reached or it is being tried.
  public record Cluster(
      int deadLetters,
      SequencedMap<String, Integer> deadLettersByTopic,
      boolean reachable,
      long publishErrors,
      @Nullable Long retryMillis,
      List<Peer> peers) {
    public Cluster {
      peers = List.copyOf(peers);
    }
  }

  /// Another instance: `up` until a sign of life is overdue, the last of which came so long ago;
  /// `rttMicros` to it and back, null before it was measured; `waiting` messages had reached it and
  /// were not delivered there.
  public record Peer(
      String instance, boolean up, long silentMillis, @Nullable Long rttMicros, long waiting) {}
}
