package dev.millrace.hub;

/// Adds to a message what every form of it has and its publisher did not say: a signature. Asked
/// once per message that somebody hears or that is kept, before it is written in any form, on the
/// loop that owns its topic; several loops may ask at a time.
@FunctionalInterface
public interface Finisher {
  /// The message as it is written. A message for which this throws is written in no form, and
  /// counted.
  Message finish(Message message, long nowMillis);
}
