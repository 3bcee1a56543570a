package dev.millrace.connect.jetstream;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;
import java.util.List;

/// Which Jetstream servers to receive from, and what.
public record JetstreamConfig(
    @About(
            "Servers in order of preference: host names, or addresses such as"
                + " ws://localhost:6008/subscribe. Empty: the public ones.")
        List<String> hosts,
    @About(
            "Collections to receive, exact or ending in .*; empty: all. Identity and account events"
                + " come whatever stands here.")
        List<String> wantedCollections,
    @About("Accounts to receive, as DIDs; empty: all.") List<String> wantedDids,
    @About("How far to go back when another server takes over, so that nothing is missed.")
        @Default("5s")
        @Range(min = 0, max = 3_600)
        Duration rewind,
    @About("Events received and not yet taken; when so many wait, reading pauses.")
        @Default("8192")
        @Range(min = 64, max = 1_048_576)
        int queueEvents,
    @About("Reconnect when no event came for this long; only where wanted_dids is empty.")
        @Default("60s")
        @Range(min = 1, max = 3_600)
        Duration silence,
    @About("How often the server is asked for a sign of life.")
        @Default("20s")
        @Range(min = 1, max = 3_600)
        Duration pingInterval,
    @About("How long connecting may take.") @Default("10s") @Range(min = 0.1, max = 300)
        Duration connectTimeout,
    @About("The shortest wait before connecting again; it doubles with each failure.")
        @Default("500ms")
        @Range(min = 0.01, max = 60)
        Duration minBackoff,
    @About("The longest wait before connecting again.")
        @Default("30s")
        @Range(min = 0.01, max = 3_600)
        Duration maxBackoff,
    @About("Events must have come for this long before a connection counts as sound.")
        @Default("10s")
        @Range(min = 0, max = 3_600)
        Duration soundAfter,
    @About("The largest message taken.") @Default("8MiB") @Range(min = 1 << 16, max = 64 << 20)
        ByteSize maxMessage) {

  /// The instances that Bluesky runs.
  public static final List<String> PUBLIC_HOSTS =
      List.of(
          "jetstream1.us-east.bsky.network",
          "jetstream2.us-east.bsky.network",
          "jetstream1.us-west.bsky.network",
          "jetstream2.us-west.bsky.network");

  private static final int MAX_COLLECTIONS = 100;
  private static final int MAX_DIDS = 10_000;

  public JetstreamConfig {
    hosts = hosts.isEmpty() ? PUBLIC_HOSTS : List.copyOf(hosts);
    wantedCollections = wantedCollections.stream().distinct().toList();
    wantedDids = wantedDids.stream().distinct().toList();
    if (wantedCollections.size() > MAX_COLLECTIONS) {
      throw new IllegalArgumentException(
          "wanted_collections has "
              + wantedCollections.size()
              + " entries; servers accept "
              + MAX_COLLECTIONS);
    }
    if (wantedDids.size() > MAX_DIDS) {
      throw new IllegalArgumentException(
          "wanted_dids has " + wantedDids.size() + " entries; servers accept " + MAX_DIDS);
    }
    if (maxBackoff.compareTo(minBackoff) < 0) {
      throw new IllegalArgumentException("max_backoff is shorter than min_backoff");
    }
    hosts.forEach(Subscription::address);
  }
}
