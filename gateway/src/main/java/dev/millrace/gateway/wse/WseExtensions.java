package dev.millrace.gateway.wse;

import java.util.Optional;

/// What a server may have and need not: snapshots, richer subscriptions, encryption, figures of the
/// machine. Each is safe from any loop.
public record WseExtensions(
    WseFeatures features,
    Subscriptions subscriptions,
    SnapshotProvider snapshots,
    SessionCipher.Source ciphers,
    SystemStatus.Source status) {

  /// A server without any.
  public static final WseExtensions NONE =
      new WseExtensions(
          WseFeatures.NONE,
          new PlainSubscriptions(),
          SnapshotProvider.NONE,
          ask -> Optional.empty(),
          () -> SystemStatus.UNKNOWN);

  public WseExtensions withFeatures(WseFeatures other) {
    return new WseExtensions(other, subscriptions, snapshots, ciphers, status);
  }

  public WseExtensions withSubscriptions(Subscriptions other) {
    return new WseExtensions(features, other, snapshots, ciphers, status);
  }

  public WseExtensions withSnapshots(SnapshotProvider other) {
    return new WseExtensions(features, subscriptions, other, ciphers, status);
  }

  public WseExtensions withCiphers(SessionCipher.Source other) {
    return new WseExtensions(features, subscriptions, snapshots, other, status);
  }

  public WseExtensions withStatus(SystemStatus.Source other) {
    return new WseExtensions(features, subscriptions, snapshots, ciphers, other);
  }
}
