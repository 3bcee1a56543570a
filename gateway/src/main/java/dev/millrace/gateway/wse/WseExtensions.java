package dev.millrace.gateway.wse;

import dev.millrace.hub.UserShelf;
import org.jspecify.annotations.Nullable;

/// What a server may have and need not: snapshots, figures of the machine, other instances that
/// clients may come back to. Each is safe from any loop.
public record WseExtensions(
    WseFeatures features,
    SnapshotProvider snapshots,
    SystemStatus.Source status,
    @Nullable UserShelf shelf) {

  /// A server without any.
  public static final WseExtensions NONE =
      new WseExtensions(WseFeatures.NONE, SnapshotProvider.NONE, () -> SystemStatus.UNKNOWN, null);

  public WseExtensions withFeatures(WseFeatures other) {
    return new WseExtensions(other, snapshots, status, shelf);
  }

  public WseExtensions withSnapshots(SnapshotProvider other) {
    return new WseExtensions(features, other, status, shelf);
  }

  public WseExtensions withStatus(SystemStatus.Source other) {
    return new WseExtensions(features, snapshots, other, shelf);
  }

  public WseExtensions withShelf(@Nullable UserShelf other) {
    return new WseExtensions(features, snapshots, status, other);
  }
}
