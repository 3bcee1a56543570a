package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Knows the states of topics, for clients that begin to follow them. Called on the loops and must
/// not block there; what it gives may complete on any thread.
@FunctionalInterface
public interface SnapshotProvider {
  /// No topic has one.
  SnapshotProvider NONE =
      (userId, topics) -> CompletableFuture.completedFuture(Collections.emptyIterator());

  /// The states of those topics that have one, as this user may see them; what a user may see is
  /// for the provider to decide. The iterator is asked for one snapshot after the other on the
  /// connection's loop, each when the one before has left, so whoever makes them on demand holds
  /// one at a time; it must not block. A stage that fails is a snapshot that failed; one that fails
  /// with [Unavailable] is not logged for each client.
  CompletionStage<? extends Iterator<Snapshot>> snapshots(String userId, List<String> topics);

  /// There are no snapshots now, and whoever says so has told why already.
  final class Unavailable extends RuntimeException {
    public Unavailable(String message) {
      super(message, null, false, false);
    }
  }

  /// The state of one topic: `state` is the bytes of one JSON value, `type` the type of the frame.
  record Snapshot(String topic, String type, byte[] state) {
    private static final String MARK = "_snapshot";

    public Snapshot {
      if (!isSnapshotType(type)) {
        throw new IllegalArgumentException(
            "the type " + type + " must contain " + MARK + ", by which clients know snapshots");
      }
      if (Json.kindOf(state) == null) {
        throw new IllegalArgumentException(
            "the state of " + topic + " is not one JSON value: " + Json.complaint(state));
      }
    }

    /// Whether clients take frames of that type for snapshots.
    public static boolean isSnapshotType(String type) {
      return type.contains(MARK) || type.contains("snapshot_");
    }

    /// Of the type `<topic>_snapshot`.
    public static Snapshot of(String topic, byte[] state) {
      return new Snapshot(topic, topic + MARK, state);
    }
  }
}
