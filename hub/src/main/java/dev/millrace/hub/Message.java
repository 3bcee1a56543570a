package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// One event to publish. `payload` is one JSON value that the publisher has checked, kept as the
/// bytes it came in, which must not change any more; `object` says whether that value is an object.
/// `id` is null when the hub shall make one; an id is taken once per topic within a window.
/// `timestampMillis` counts from the Unix epoch; `extras` is what few messages have.
public record Message(
    String type,
    byte[] payload,
    boolean object,
    Priority priority,
    @Nullable String id,
    long timestampMillis,
    @Nullable String correlationId,
    @Nullable MessageExtras extras) {

  /// A message without extras.
  public Message(
      String type,
      byte[] payload,
      boolean object,
      Priority priority,
      @Nullable String id,
      long timestampMillis,
      @Nullable String correlationId) {
    this(type, payload, object, priority, id, timestampMillis, correlationId, null);
  }

  /// Stands for a message that nobody hears: it takes its place in its topic and goes to nobody.
  static final Message UNHEARD = of("unheard", new byte[0], false, 0);

  /// No JSON value is empty.
  boolean isUnheard() {
    return payload.length == 0;
  }

  /// A message of normal priority without id.
  public static Message of(String type, byte[] payload, boolean object, long timestampMillis) {
    return new Message(type, payload, object, Priority.NORMAL, null, timestampMillis, null);
  }

  public Message withPriority(Priority newPriority) {
    return new Message(
        type, payload, object, newPriority, id, timestampMillis, correlationId, extras);
  }

  public Message withId(@Nullable String newId) {
    return new Message(
        type, payload, object, priority, newId, timestampMillis, correlationId, extras);
  }

  public Message withCorrelationId(@Nullable String newCorrelationId) {
    return new Message(
        type, payload, object, priority, id, timestampMillis, newCorrelationId, extras);
  }

  public Message withExtras(@Nullable MessageExtras newExtras) {
    return new Message(
        type, payload, object, priority, id, timestampMillis, correlationId, newExtras);
  }

  /// The bytes of its largest frame in any plain form, or a few more: every character of a name
  /// escaped, and the keys around them.
  long wireBytesAtMost() {
    int names = type.length() + (id == null ? 0 : id.length());
    int correlation = correlationId == null ? 0 : correlationId.length();
    return payload.length + 6L * (names + correlation) + extraBytes() + 160;
  }

  /// What the message holds in memory while it waits, roughly.
  int waitingBytes() {
    return payload.length + extraBytes() + 128;
  }

  private int extraBytes() {
    return extras == null ? 0 : extras.members().length;
  }
}
