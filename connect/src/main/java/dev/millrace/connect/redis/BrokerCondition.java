package dev.millrace.connect.redis;

import org.jspecify.annotations.Nullable;

/// How the broker is. `trouble` says why publications do not reach other instances, null when they
/// do.
public record BrokerCondition(
    String mode,
    boolean connected,
    @Nullable String trouble,
    long published,
    long received,
    long delivered,
    long lost,
    long publishErrors,
    long connects,
    int deadLettersWaiting,
    int waiting,
    int inFlight,
    int instances) {

  /// Whether what is published here reaches other instances, as far as is known.
  public boolean healthy() {
    return trouble == null;
  }
}
