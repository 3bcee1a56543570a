package dev.millrace.gateway.inbound;

import org.jspecify.annotations.Nullable;

/// A message of a client for the programs behind this server. `user` is who sent it, for a client
/// without a name its connection; `payload` is one JSON value as it came, `timestampMillis` when.
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ClientMessage(
    String user,
    String connection,
    String type,
    @Nullable String id,
    @Nullable String correlationId,
    long timestampMillis,
    byte[] payload) {

  /// What it holds in memory while it waits, roughly.
  int waitingBytes() {
    return payload.length + 256;
  }
}
