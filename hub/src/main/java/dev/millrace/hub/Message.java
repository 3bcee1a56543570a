package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// One event to publish. `payload` is one JSON value that the publisher has checked, kept as the
/// bytes it came in, which must not change any more; `object` says whether that value is an object.
/// `id` is null when the hub shall make one; an id is taken once per topic within a window.
/// `timestampMillis` counts from the Unix epoch.
public record Message(
    String type,
    byte[] payload,
    boolean object,
    Priority priority,
    @Nullable String id,
    long timestampMillis,
    @Nullable String correlationId) {

  /// A message of normal priority without id.
  public static Message of(String type, byte[] payload, boolean object, long timestampMillis) {
    return new Message(type, payload, object, Priority.NORMAL, null, timestampMillis, null);
  }

  public Message withPriority(Priority newPriority) {
    return new Message(type, payload, object, newPriority, id, timestampMillis, correlationId);
  }

  public Message withId(@Nullable String newId) {
    return new Message(type, payload, object, priority, newId, timestampMillis, correlationId);
  }

  public Message withCorrelationId(@Nullable String newCorrelationId) {
    return new Message(type, payload, object, priority, id, timestampMillis, newCorrelationId);
  }

  /// The bytes of its largest frame in any plain form, or a few more: every character of a name
  /// escaped, and the keys around them.
  long wireBytesAtMost() {
    int names = type.length() + (id == null ? 0 : id.length());
    int correlation = correlationId == null ? 0 : correlationId.length();
    return payload.length + 6L * (names + correlation) + 160;
  }

  /// What the message holds in memory while it waits, roughly.
  int waitingBytes() {
    return payload.length + 128;
  }
}
