package dev.millrace.gateway.wse;

/// What a server may have and need not: snapshots, figures of the machine. Each is safe from any
/// loop.
public record WseExtensions(
    WseFeatures features, SnapshotProvider snapshots, SystemStatus.Source status) {

  /// A server without any.
  public static final WseExtensions NONE =
      new WseExtensions(WseFeatures.NONE, SnapshotProvider.NONE, () -> SystemStatus.UNKNOWN);

  public WseExtensions withFeatures(WseFeatures other) {
    return new WseExtensions(other, snapshots, status);
  }

  public WseExtensions withSnapshots(SnapshotProvider other) {
    return new WseExtensions(features, other, status);
  }

  public WseExtensions withStatus(SystemStatus.Source other) {
    return new WseExtensions(features, snapshots, other);
  }
}
